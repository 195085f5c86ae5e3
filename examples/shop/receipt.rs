//! Renders a receipt.

use crate::orders::Order;

/// The receipt as an HTML page.
pub(crate) fn html(order: &Order, payment: &str) -> String {
    let [number, name, payment] = [order.number.as_str(), &order.name, payment].map(escape);
    let rows: String = order
        .items
        .split(';')
        .map(|item| format!("<li>{}</li>", escape(item.trim())))
        .collect();
    format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>Receipt {number}</title></head>\n\
         <body><h1>Receipt {number}</h1><p>{name}</p><ul>{rows}</ul>\n\
         <p>Paid: <strong>{amount}</strong></p><p>Payment {payment}</p></body></html>\n",
        amount = order.amount,
    )
}

/// Escapes text for use between tags and in attributes.
pub(crate) fn escape(text: &str) -> String {
    let mut safe = String::new();
    for character in text.chars() {
        match character {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            other => safe.push(other),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_customer_typed_is_text() {
        let order = Order {
            number: "1".to_owned(),
            customer: "c".to_owned(),
            name: "<script>\"Æ\" & 'b'".to_owned(),
            email: String::new(),
            amount: "5 JPY".parse().unwrap(),
            card: String::new(),
            items: "1x <b>; 2x c".to_owned(),
            phone: None,
            repeats: None,
        };
        let page = html(&order, "p");
        assert!(page.contains("&lt;script&gt;&quot;Æ&quot; &amp; &#39;b&#39;"));
        assert!(page.contains("<li>1x &lt;b&gt;</li><li>2x c</li>"));
        assert!(page.contains("<strong>5 JPY</strong>"));
    }
}

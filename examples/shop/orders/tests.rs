//! Orders as people write them, and the messages about mistakes.

use super::*;

const HEAD: &str = "order,customer,name,email,currency,amount,card,items\n";

fn csv(lines: &str) -> Result<Vec<Order>, Wrong> {
    from_csv(format!("{HEAD}{lines}").as_bytes()).and_then(note_repeats)
}

fn wrong(lines: &str) -> String {
    let (place, problem) = csv(lines).unwrap_err();
    format!("{place}: {problem}")
}

#[test]
fn csv_and_json_say_the_same() {
    let from_csv = csv("1,c1,\"Ángel, Ana\",a@b.co,KWD,1.500,visa,2x cup\n").unwrap();
    let json = r#"[{"order": "1", "customer": "c1", "name": "Ángel, Ana", "email": "a@b.co",
        "currency": "KWD", "amount": "1.500", "card": "visa", "items": "2x cup"}]"#;
    let from_json: Vec<Order> = from_json(json.as_bytes())
        .unwrap()
        .into_iter()
        .map(|(_, order)| order)
        .collect();
    assert_eq!(from_csv, from_json);
    assert_eq!(from_csv[0].amount.to_string(), "1.500 KWD");
    assert_eq!(from_csv[0].phone, None);
    let head = HEAD.replace("items", "items,phone");
    let line = "1,c1,Ana,a@b.co,EUR,1,visa,cup,+15550109999\n";
    let with_phone = super::from_csv(format!("{head}{line}").as_bytes()).unwrap();
    assert_eq!(with_phone[0].1.phone.as_deref(), Some("+15550109999"));
}

#[test]
fn a_mistake_is_reported_by_line_and_column() {
    let good = "1,c1,Ana,a@b.co,EUR,1.50,visa,cup\n";
    for (line, place) in [
        (
            "2,c1,Ana,a@b.co,EUR,1.505,visa,cup",
            "line 3, column 6 (amount)",
        ),
        (
            "2,c1,Ana,a@b.co,EUR,-1.50,visa,cup",
            "line 3, column 6 (amount)",
        ),
        (
            "2,c1,Ana,a@b.co,EURO,1.50,visa,cup",
            "line 3, column 5 (currency)",
        ),
        (
            "a b,c1,Ana,a@b.co,EUR,1.50,visa,cup",
            "line 3, column 1 (order)",
        ),
        (
            "2,,Ana,a@b.co,EUR,1.50,visa,cup",
            "line 3, column 2 (customer)",
        ),
        ("2,c1,Ana,a@b.co,EUR,1.50,,cup", "line 3, column 7 (card)"),
        ("2,c1,Ana", "line 3, column 4: has 3 columns"),
    ] {
        let message = wrong(&format!("{good}{line}\n"));
        assert!(message.starts_with(place), "{message}");
    }
    let bytes = [HEAD.as_bytes(), b"1,c1,An\xff,a@b.co,EUR,1,visa,cup\n"].concat();
    assert_eq!(from_csv(&bytes).unwrap_err().0, "line 2, column 3");
}

#[test]
fn a_misspelt_column_gets_a_suggestion() {
    let (place, problem) = from_csv(HEAD.replace("amount", "amuont").as_bytes()).unwrap_err();
    assert_eq!(place, "line 1, column 6");
    assert_eq!(problem, "unknown column `amuont`; did you mean `amount`?");
    let (_, problem) = from_csv(HEAD.replace(",items", "").as_bytes()).unwrap_err();
    assert_eq!(problem, "column `items` is missing");
}

#[test]
fn a_mistake_in_json_is_reported_by_line_and_column() {
    let good = r#"{"order": "1", "customer": "c1", "name": "Ána", "email": "a@b.co",
            "currency": "EUR", "amount": "1.50", "card": "visa", "items": "cup"}"#;
    let bad = good.replace("1.50", "1.505").replace("\"1\"", "\"2\"");
    let unknown = good.replace("amount", "amuont");
    for (text, place) in [
        ("[\n  {\"order\": 7}\n]".to_owned(), "line 2, column 13"),
        (format!("[\n{good},\n {bad}]"), "line 4, column 2 (amount)"),
        (format!("[{good},\n{unknown}]"), "line 4, column 39"),
        ("[\n{".to_owned(), "line 2, column 1"),
    ] {
        assert_eq!(from_json(text.as_bytes()).unwrap_err().0, place, "{text}");
    }
    assert_eq!(from_json(b"[\n \xff]").unwrap_err().0, "line 2, column 2");
}

#[test]
fn the_same_order_twice_is_noted_and_a_changed_one_refused() {
    let line = "1,c1,Ana,a@b.co,EUR,1.50,visa,cup\n";
    let orders = csv(&format!("{line}{line}")).unwrap();
    assert_eq!(orders[1].repeats.as_deref(), Some("line 2"));
    let message = wrong(&format!("{line}{}", line.replace("1.50", "2.50")));
    assert!(message.starts_with("line 3: order 1 is at line 2 with different content"));
}

//! Orders v2: create, read, patch, confirm the source, authorize, capture.

use serde_json::Value;

use super::account::{APPROVAL, Cx, What, found};
use super::ask::{object, optional_text, word};
use super::events::Happened;
use super::money::{Money, Product};
use super::objects::{Funding, Intent, Order, Unit};
use super::refusal::Refusal;
use super::source::urls_of;

/// The texts of a unit and how long each may be.
const TEXTS: [(&str, usize); 4] = [
    ("reference_id", 256),
    ("description", 127),
    ("custom_id", 127),
    ("invoice_id", 127),
];

/// The parts that add up, and whether each is taken off.
const PARTS: [(&str, bool); 7] = [
    ("item_total", false),
    ("tax_total", false),
    ("shipping", false),
    ("handling", false),
    ("insurance", false),
    ("shipping_discount", true),
    ("discount", true),
];

impl Cx<'_> {
    pub(super) fn create_order(&mut self, body: &Value) -> Result<What, Refusal> {
        let intent = match word(body, "", "intent", &["CAPTURE", "AUTHORIZE"])? {
            Some("CAPTURE") => Intent::Capture,
            Some(_) => Intent::Authorize,
            None => return Err(Refusal::issue("MISSING_REQUIRED_PARAMETER").at("/intent")),
        };
        let units = read_units(body)?;
        let source = self.read_source(body, units.len())?;
        let at_once = source.as_ref().is_some_and(|s| !s.needs_payer());
        if at_once && !self.keyed {
            return Err(Refusal::issue("PAYPAL_REQUEST_ID_REQUIRED"));
        }
        let (return_url, cancel_url) = urls_of(body);
        let mut order = Order {
            id: self.id(),
            intent,
            status: match source {
                Some(_) => "PAYER_ACTION_REQUIRED",
                None => "CREATED",
            },
            units,
            source,
            return_url,
            cancel_url,
            funding: Funding::Good,
            payer: None,
            created: self.now,
            updated: self.now,
            expires: self.now.saturating_add(APPROVAL),
        };
        if at_once {
            self.pay(&mut order)?;
        }
        let id = order.id.clone();
        self.account.orders.add(&id, order);
        if at_once {
            self.paid(&id);
        }
        Ok(What::Order(id))
    }

    pub(super) fn patch_order(&mut self, id: &str, body: &Value) -> Result<(), Refusal> {
        let mut order = found(self.account.orders.get(id).cloned(), "id", id)?;
        if order.status == "COMPLETED" || order.status == "VOIDED" {
            return Err(Refusal::issue("ORDER_ALREADY_COMPLETED"));
        }
        let operations = body
            .as_array()
            .ok_or_else(|| Refusal::issue("INVALID_PARAMETER_SYNTAX").at("/"))?;
        for (at, operation) in operations.iter().enumerate() {
            patch(&mut order, &format!("/{at}"), operation)?;
        }
        check_currencies(&order.units)?;
        order.updated = self.now;
        self.put_order(order);
        Ok(())
    }

    pub(super) fn confirm_source(&mut self, id: &str, body: &Value) -> Result<What, Refusal> {
        let mut order = found(self.account.orders.get(id).cloned(), "id", id)?;
        if order.status == "COMPLETED" {
            return Err(already(order.intent));
        }
        let Some(source) = self.read_source(body, order.units.len())? else {
            let refusal = Refusal::issue("MISSING_REQUIRED_PARAMETER");
            return Err(refusal.at("/payment_source"));
        };
        let approved = !source.needs_payer();
        order.status = match approved {
            true => "APPROVED",
            false => "PAYER_ACTION_REQUIRED",
        };
        order.funding = Funding::Good;
        order.source = Some(source);
        let (return_url, cancel_url) = urls_of(body);
        order.return_url = return_url.or(order.return_url);
        order.cancel_url = cancel_url.or(order.cancel_url);
        order.updated = self.now;
        self.put_order(order);
        if approved {
            self.event(Happened::Approved, id);
        }
        Ok(What::Order(id.to_owned()))
    }

    /// Authorizes or captures an order that the payer approved, or pays it with the source in the body.
    pub(super) fn complete(
        &mut self,
        id: &str,
        step: Intent,
        body: &Value,
    ) -> Result<What, Refusal> {
        let mut order = found(self.account.orders.get(id).cloned(), "id", id)?;
        if order.intent != step {
            return Err(Refusal::issue("ACTION_DOES_NOT_MATCH_INTENT"));
        }
        if order.status == "COMPLETED" {
            return Err(already(step));
        }
        if self.now >= order.expires {
            return Err(Refusal::issue("ORDER_EXPIRED"));
        }
        match self.read_source(body, order.units.len())? {
            Some(source) if !source.needs_payer() => order.source = Some(source),
            _ if order.status != "APPROVED" => return Err(Refusal::issue("ORDER_NOT_APPROVED")),
            _ => {}
        }
        self.pay(&mut order)?;
        self.put_order(order);
        self.paid(id);
        Ok(What::Order(id.to_owned()))
    }

    pub(super) fn put_order(&mut self, order: Order) {
        if let Some(place) = self.account.orders.get_mut(&order.id) {
            *place = order;
        }
    }
}

fn already(intent: Intent) -> Refusal {
    Refusal::issue(match intent {
        Intent::Capture => "ORDER_ALREADY_CAPTURED",
        Intent::Authorize => "ORDER_ALREADY_AUTHORIZED",
    })
}

fn read_units(body: &Value) -> Result<Vec<Unit>, Refusal> {
    const AT: &str = "/purchase_units";
    let list = match body.get("purchase_units") {
        None | Some(Value::Null) => {
            return Err(Refusal::issue("MISSING_REQUIRED_PARAMETER").at(AT));
        }
        Some(Value::Array(list)) => list,
        Some(_) => return Err(Refusal::issue("INVALID_PARAMETER_SYNTAX").at(AT)),
    };
    match list.len() {
        0 => return Err(Refusal::issue("INVALID_ARRAY_MIN_ITEMS").at(AT)),
        1..=10 => {}
        _ => return Err(Refusal::issue("INVALID_ARRAY_MAX_ITEMS").at(AT)),
    }
    let mut units: Vec<Unit> = Vec::new();
    for (number, value) in list.iter().enumerate() {
        let at = format!("{AT}/{number}");
        let unit = read_unit(value, &at)?;
        let field = format!("{at}/reference_id");
        if list.len() > 1 && value.get("reference_id").is_none() {
            return Err(Refusal::issue("REFERENCE_ID_REQUIRED").at(field));
        }
        if units.iter().any(|other| other.reference == unit.reference) {
            return Err(Refusal::issue("DUPLICATE_REFERENCE_ID").at(field));
        }
        units.push(unit);
    }
    check_currencies(&units)?;
    Ok(units)
}

fn check_currencies(units: &[Unit]) -> Result<(), Refusal> {
    let first = units.first().map(|unit| &unit.amount.currency);
    match units
        .iter()
        .all(|unit| Some(&unit.amount.currency) == first)
    {
        true => Ok(()),
        false => Err(Refusal::issue("MULTI_CURRENCY_ORDER").at("/purchase_units")),
    }
}

fn read_unit(value: &Value, at: &str) -> Result<Unit, Refusal> {
    for (name, most) in TEXTS {
        let text = optional_text(value, at, name, usize::MAX)?;
        // A longer description is cut, not refused.
        if name != "description" && text.is_some_and(|text| text.chars().count() > most) {
            let refusal = Refusal::issue("INVALID_STRING_LENGTH");
            return Err(refusal.at(format!("{at}/{name}")));
        }
    }
    let field = format!("{at}/amount");
    let amount = value
        .get("amount")
        .ok_or_else(|| Refusal::issue("MISSING_REQUIRED_PARAMETER").at(&*field))?;
    let total = Money::read(amount, Product::Orders, &field)?;
    check_breakdown(value, amount, &total, at)?;
    let mut fields = value.as_object().cloned().unwrap_or_default();
    if let Some(Value::String(text)) = fields.get_mut("description") {
        *text = text.chars().take(127).collect();
    }
    if let Some(Value::String(text)) = fields.get_mut("soft_descriptor") {
        *text = text.chars().take(22).collect();
    }
    let mut shown = total.json();
    if let (Some(shown), Some(breakdown)) = (shown.as_object_mut(), amount.get("breakdown")) {
        shown.insert("breakdown".to_owned(), breakdown.clone());
    }
    fields.insert("amount".to_owned(), shown);
    let reference = optional_text(value, at, "reference_id", 256)?;
    Ok(Unit {
        fields,
        reference: reference.unwrap_or_else(|| "default".to_owned()),
        amount: total,
        authorizations: Vec::new(),
        captures: Vec::new(),
        refunds: Vec::new(),
    })
}

/// The parts add up to the amount, and the items to their total.
fn check_breakdown(unit: &Value, amount: &Value, total: &Money, at: &str) -> Result<(), Refusal> {
    let breakdown = object(amount, "breakdown");
    let place = format!("{at}/amount/breakdown");
    if let Some(breakdown) = breakdown {
        let mut sum = 0_i64;
        for (name, off) in PARTS {
            let Some(part) = breakdown.get(name) else {
                continue;
            };
            let field = format!("{place}/{name}");
            let part = Money::read_any(part, Product::Orders, &field)?;
            if part.minor < 0 {
                return Err(Refusal::issue("CANNOT_BE_NEGATIVE").at(format!("{field}/value")));
            }
            if part.currency != total.currency {
                return Err(Refusal::issue("MULTI_CURRENCY_ORDER").at(field));
            }
            let signed = if off { -part.minor } else { part.minor };
            sum = sum.saturating_add(signed);
        }
        if sum != total.minor {
            let refusal = Refusal::issue("AMOUNT_MISMATCH").at(format!("{at}/amount/value"));
            return Err(refusal.value(total.text()));
        }
    }
    let items = unit.get("items").and_then(Value::as_array);
    let Some(items) = items.filter(|items| !items.is_empty()) else {
        return Ok(());
    };
    let field = format!("{place}/item_total");
    let Some(claimed) = breakdown.and_then(|b| b.get("item_total")) else {
        return Err(Refusal::issue("ITEM_TOTAL_REQUIRED").at(field));
    };
    let claimed = Money::read_any(claimed, Product::Orders, &field)?;
    let mut sum = 0_i64;
    for (number, item) in items.iter().enumerate() {
        let place = format!("{at}/items/{number}");
        let price = item.get("unit_amount").cloned().unwrap_or_default();
        let price = Money::read_any(&price, Product::Orders, &format!("{place}/unit_amount"))?;
        let count = item.get("quantity").and_then(Value::as_str);
        let count: i64 = count.and_then(|text| text.parse().ok()).ok_or_else(|| {
            let refusal = Refusal::issue("INVALID_PARAMETER_SYNTAX");
            refusal.at(format!("{place}/quantity"))
        })?;
        sum = sum.saturating_add(price.minor.saturating_mul(count));
    }
    match sum == claimed.minor {
        true => Ok(()),
        false => Err(Refusal::issue("ITEM_TOTAL_MISMATCH").at(field)),
    }
}

/// One operation on `/purchase_units/@reference_id=='..'/{amount,custom_id,invoice_id,description}`.
fn patch(order: &mut Order, at: &str, operation: &Value) -> Result<(), Refusal> {
    let action = word(operation, at, "op", &["add", "remove", "replace"])?
        .ok_or_else(|| Refusal::issue("MISSING_REQUIRED_PARAMETER").at(format!("{at}/op")))?;
    let path = operation
        .get("path")
        .and_then(Value::as_str)
        .ok_or_else(|| Refusal::issue("MISSING_REQUIRED_PARAMETER").at(format!("{at}/path")))?;
    let refused = |issue: &str| Refusal::issue(issue).at(format!("{at}/path")).value(path);
    let (reference, name) = path
        .strip_prefix("/purchase_units/@reference_id=='")
        .and_then(|rest| rest.split_once("'/"))
        .ok_or_else(|| refused("NOT_PATCHABLE"))?;
    let unit = order
        .units
        .iter_mut()
        .find(|unit| unit.reference == reference)
        .ok_or_else(|| refused("REFERENCE_ID_NOT_FOUND"))?;
    if !matches!(name, "amount" | "custom_id" | "invoice_id" | "description") {
        return Err(refused("NOT_PATCHABLE"));
    }
    let there = unit.fields.contains_key(name);
    if there != (action != "add") || (name, action) == ("amount", "remove") {
        return Err(refused("INVALID_PATCH_OPERATION"));
    }
    let mut fields = unit.fields.clone();
    match operation.get("value") {
        _ if action == "remove" => {
            fields.remove(name);
        }
        Some(value) => {
            fields.insert(name.to_owned(), value.clone());
        }
        None => {
            let refusal = Refusal::issue("PATCH_VALUE_REQUIRED");
            return Err(refusal.at(format!("{at}/value")));
        }
    }
    let reference = unit.reference.clone();
    *unit = Unit {
        reference,
        ..read_unit(&Value::Object(fields), at)?
    };
    Ok(())
}

//! Orders v2: create, patch, confirm the payment source, authorize and capture:
//! <https://developer.paypal.com/docs/api/orders/v2/>.

use serde_json::Value;

use super::account::ObjectRef;
use super::context::{APPROVAL_SECONDS, Context, found};
use super::error::ApiError;
use super::events::EventKind;
use super::fields::{object, one_of, optional_text};
use super::money::{Money, Product};
use super::objects::{Authentication, Funding, Intent, Order, Source, Unit};
use super::source::urls_of;

/// The text fields of a purchase unit, each with its greatest length.
const TEXTS: [(&str, usize); 4] = [
    ("reference_id", 256),
    ("description", 127),
    ("custom_id", 127),
    ("invoice_id", 127),
];

/// The parts of an amount's breakdown, and whether each is subtracted.
const PARTS: [(&str, bool); 7] = [
    ("item_total", false),
    ("tax_total", false),
    ("shipping", false),
    ("handling", false),
    ("insurance", false),
    ("shipping_discount", true),
    ("discount", true),
];

impl Context<'_> {
    pub(super) fn create_order(&mut self, body: &Value) -> Result<ObjectRef, ApiError> {
        let intent = match one_of(body, "", "intent", &["CAPTURE", "AUTHORIZE"])? {
            Some("CAPTURE") => Intent::Capture,
            Some(_) => Intent::Authorize,
            None => return Err(ApiError::issue("MISSING_REQUIRED_PARAMETER").at("/intent")),
        };
        let units = read_units(body)?;
        let source = self.read_source(body, units.len())?;
        let pays_immediately = source.as_ref().is_some_and(|s| !s.needs_payer());
        if pays_immediately && !self.keyed {
            return Err(ApiError::issue("PAYPAL_REQUEST_ID_REQUIRED"));
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
            funding: Funding::Succeeds,
            authentication: None,
            payer: None,
            created: self.now,
            updated: self.now,
            expires: self.now.saturating_add(APPROVAL_SECONDS),
        };
        if pays_immediately {
            self.pay(&mut order)?;
        }
        let id = order.id.clone();
        self.account.orders.add(&id, order);
        if pays_immediately {
            self.payment_events(&id);
        }
        Ok(ObjectRef::Order(id))
    }

    pub(super) fn patch_order(&mut self, id: &str, body: &Value) -> Result<(), ApiError> {
        let mut order = found(self.account.orders.get(id).cloned(), "id", id)?;
        if order.status == "COMPLETED" || order.status == "VOIDED" {
            return Err(ApiError::issue("ORDER_ALREADY_COMPLETED"));
        }
        let operations = body
            .as_array()
            .ok_or_else(|| ApiError::issue("INVALID_PARAMETER_SYNTAX").at("/"))?;
        for (at, operation) in operations.iter().enumerate() {
            patch(&mut order, &format!("/{at}"), operation)?;
        }
        check_currencies(&order.units)?;
        order.updated = self.now;
        self.put_order(order);
        Ok(())
    }

    pub(super) fn confirm_source(&mut self, id: &str, body: &Value) -> Result<ObjectRef, ApiError> {
        let mut order = found(self.account.orders.get(id).cloned(), "id", id)?;
        if order.status == "COMPLETED" {
            return Err(already_paid(order.intent));
        }
        let Some(source) = self.read_source(body, order.units.len())? else {
            let error = ApiError::issue("MISSING_REQUIRED_PARAMETER");
            return Err(error.at("/payment_source"));
        };
        let approved = !source.needs_payer();
        order.status = if approved {
            "APPROVED"
        } else {
            "PAYER_ACTION_REQUIRED"
        };
        order.funding = Funding::Succeeds;
        self.set_source(order, source, body);
        if approved {
            self.event(EventKind::OrderApproved, id);
        }
        Ok(ObjectRef::Order(id.to_owned()))
    }

    /// Authorizes or captures an order that the payer approved, or pays it with the source in the body.
    pub(super) fn complete(
        &mut self,
        id: &str,
        step: Intent,
        body: &Value,
    ) -> Result<ObjectRef, ApiError> {
        let mut order = found(self.account.orders.get(id).cloned(), "id", id)?;
        if order.intent != step {
            return Err(ApiError::issue("ACTION_DOES_NOT_MATCH_INTENT"));
        }
        if order.status == "COMPLETED" {
            return Err(already_paid(step));
        }
        if self.now >= order.expires {
            return Err(ApiError::issue("ORDER_EXPIRED"));
        }
        match self.read_source(body, order.units.len())? {
            Some(source)
                if source.challenges && order.authentication != Some(Authentication::Succeeded) =>
            {
                return Err(self.challenge(order, source, body));
            }
            Some(source) if source.challenges || !source.needs_payer() => {
                order.source = Some(source);
            }
            _ if order.status != "APPROVED" => return Err(ApiError::issue("ORDER_NOT_APPROVED")),
            _ => {}
        }
        self.pay(&mut order)?;
        self.put_order(order);
        self.payment_events(id);
        Ok(ObjectRef::Order(id.to_owned()))
    }

    /// Lets the order wait for the card's owner, who has to authenticate first.
    fn challenge(&mut self, mut order: Order, source: Source, body: &Value) -> ApiError {
        let page = self.checkout(&order.id);
        order.status = "PAYER_ACTION_REQUIRED";
        self.set_source(order, source, body);
        ApiError::issue("PAYER_ACTION_REQUIRED").link("payer-action", page)
    }

    /// Stores an order with a source that nobody has authenticated yet, and with the pages that the body names.
    fn set_source(&mut self, mut order: Order, source: Source, body: &Value) {
        order.authentication = None;
        order.source = Some(source);
        let (return_url, cancel_url) = urls_of(body);
        order.return_url = return_url.or(order.return_url);
        order.cancel_url = cancel_url.or(order.cancel_url);
        order.updated = self.now;
        self.put_order(order);
    }

    /// Replaces the stored order.
    pub(super) fn put_order(&mut self, order: Order) {
        if let Some(stored) = self.account.orders.get_mut(&order.id) {
            *stored = order;
        }
    }
}

/// The error for an order that was already paid.
fn already_paid(intent: Intent) -> ApiError {
    ApiError::issue(match intent {
        Intent::Capture => "ORDER_ALREADY_CAPTURED",
        Intent::Authorize => "ORDER_ALREADY_AUTHORIZED",
    })
}

fn read_units(body: &Value) -> Result<Vec<Unit>, ApiError> {
    const AT: &str = "/purchase_units";
    let list = match body.get("purchase_units") {
        None | Some(Value::Null) => {
            return Err(ApiError::issue("MISSING_REQUIRED_PARAMETER").at(AT));
        }
        Some(Value::Array(list)) => list,
        Some(_) => return Err(ApiError::issue("INVALID_PARAMETER_SYNTAX").at(AT)),
    };
    match list.len() {
        0 => return Err(ApiError::issue("INVALID_ARRAY_MIN_ITEMS").at(AT)),
        1..=10 => {}
        _ => return Err(ApiError::issue("INVALID_ARRAY_MAX_ITEMS").at(AT)),
    }
    let mut units: Vec<Unit> = Vec::new();
    for (number, value) in list.iter().enumerate() {
        let at = format!("{AT}/{number}");
        let unit = read_unit(value, &at)?;
        let field = format!("{at}/reference_id");
        if list.len() > 1 && value.get("reference_id").is_none() {
            return Err(ApiError::issue("REFERENCE_ID_REQUIRED").at(field));
        }
        if units.iter().any(|other| other.reference == unit.reference) {
            return Err(ApiError::issue("DUPLICATE_REFERENCE_ID").at(field));
        }
        units.push(unit);
    }
    check_currencies(&units)?;
    Ok(units)
}

fn check_currencies(units: &[Unit]) -> Result<(), ApiError> {
    let first = units.first().map(|unit| &unit.amount.currency);
    if units
        .iter()
        .all(|unit| Some(&unit.amount.currency) == first)
    {
        Ok(())
    } else {
        Err(ApiError::issue("MULTI_CURRENCY_ORDER").at("/purchase_units"))
    }
}

fn read_unit(value: &Value, at: &str) -> Result<Unit, ApiError> {
    for (name, most) in TEXTS {
        let text = optional_text(value, at, name, usize::MAX)?;
        // The vendor cuts a longer description instead of rejecting it.
        if name != "description" && text.is_some_and(|text| text.chars().count() > most) {
            let error = ApiError::issue("INVALID_STRING_LENGTH");
            return Err(error.at(format!("{at}/{name}")));
        }
    }
    let field = format!("{at}/amount");
    let amount = value
        .get("amount")
        .ok_or_else(|| ApiError::issue("MISSING_REQUIRED_PARAMETER").at(&*field))?;
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

/// Checks that the parts of the breakdown add up to the amount, and the items to `item_total`.
fn check_breakdown(unit: &Value, amount: &Value, total: &Money, at: &str) -> Result<(), ApiError> {
    let breakdown = object(amount, "breakdown");
    let breakdown_at = format!("{at}/amount/breakdown");
    if let Some(breakdown) = breakdown {
        let mut sum = 0_i64;
        for (name, is_discount) in PARTS {
            let Some(part) = breakdown.get(name) else {
                continue;
            };
            let field = format!("{breakdown_at}/{name}");
            let part = Money::read_any(part, Product::Orders, &field)?;
            if part.minor < 0 {
                return Err(ApiError::issue("CANNOT_BE_NEGATIVE").at(format!("{field}/value")));
            }
            if part.currency != total.currency {
                return Err(ApiError::issue("MULTI_CURRENCY_ORDER").at(field));
            }
            let signed = if is_discount { -part.minor } else { part.minor };
            sum = sum.saturating_add(signed);
        }
        if sum != total.minor {
            let error = ApiError::issue("AMOUNT_MISMATCH").at(format!("{at}/amount/value"));
            return Err(error.value(total.text()));
        }
    }
    let items = unit.get("items").and_then(Value::as_array);
    let Some(items) = items.filter(|items| !items.is_empty()) else {
        return Ok(());
    };
    let field = format!("{breakdown_at}/item_total");
    let Some(claimed) = breakdown.and_then(|b| b.get("item_total")) else {
        return Err(ApiError::issue("ITEM_TOTAL_REQUIRED").at(field));
    };
    let claimed = Money::read_any(claimed, Product::Orders, &field)?;
    let mut sum = 0_i64;
    for (number, item) in items.iter().enumerate() {
        let item_at = format!("{at}/items/{number}");
        let price = item.get("unit_amount").cloned().unwrap_or_default();
        let price = Money::read_any(&price, Product::Orders, &format!("{item_at}/unit_amount"))?;
        let count = item.get("quantity").and_then(Value::as_str);
        let count: i64 = count.and_then(|text| text.parse().ok()).ok_or_else(|| {
            let error = ApiError::issue("INVALID_PARAMETER_SYNTAX");
            error.at(format!("{item_at}/quantity"))
        })?;
        sum = sum.saturating_add(price.minor.saturating_mul(count));
    }
    if sum == claimed.minor {
        Ok(())
    } else {
        Err(ApiError::issue("ITEM_TOTAL_MISMATCH").at(field))
    }
}

/// Applies one patch operation on `/purchase_units/@reference_id=='..'/{amount,custom_id,invoice_id,description}`.
fn patch(order: &mut Order, at: &str, operation: &Value) -> Result<(), ApiError> {
    let action = one_of(operation, at, "op", &["add", "remove", "replace"])?
        .ok_or_else(|| ApiError::issue("MISSING_REQUIRED_PARAMETER").at(format!("{at}/op")))?;
    let path = operation
        .get("path")
        .and_then(Value::as_str)
        .ok_or_else(|| ApiError::issue("MISSING_REQUIRED_PARAMETER").at(format!("{at}/path")))?;
    let rejected = |issue: &str| ApiError::issue(issue).at(format!("{at}/path")).value(path);
    let (reference, name) = path
        .strip_prefix("/purchase_units/@reference_id=='")
        .and_then(|rest| rest.split_once("'/"))
        .ok_or_else(|| rejected("NOT_PATCHABLE"))?;
    let unit = order
        .units
        .iter_mut()
        .find(|unit| unit.reference == reference)
        .ok_or_else(|| rejected("REFERENCE_ID_NOT_FOUND"))?;
    if !matches!(name, "amount" | "custom_id" | "invoice_id" | "description") {
        return Err(rejected("NOT_PATCHABLE"));
    }
    let exists = unit.fields.contains_key(name);
    if exists != (action != "add") || (name, action) == ("amount", "remove") {
        return Err(rejected("INVALID_PATCH_OPERATION"));
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
            let error = ApiError::issue("PATCH_VALUE_REQUIRED");
            return Err(error.at(format!("{at}/value")));
        }
    }
    let reference = unit.reference.clone();
    *unit = Unit {
        reference,
        ..read_unit(&Value::Object(fields), at)?
    };
    Ok(())
}

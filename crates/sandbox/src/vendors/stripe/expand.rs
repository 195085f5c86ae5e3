//! The `expand` parameter, which asks for objects in place of their ids: <https://docs.stripe.com/api/expanding_objects>.

use serde_json::{Map, Value};

use super::account::Account;
use super::error::ApiError;

/// The greatest depth of an expansion.
const MAX_DEPTH: usize = 4;

/// Replaces the id by the object for each requested path.
pub(super) fn expand(
    account: &Account,
    mut value: Value,
    paths: &[String],
) -> Result<Value, ApiError> {
    for path in paths {
        let steps: Vec<&str> = path.split('.').collect();
        let not_expandable = || {
            ApiError::invalid(format!("This property cannot be expanded ({path}).")).param("expand")
        };
        if steps.len() > MAX_DEPTH {
            return Err(ApiError::invalid(format!(
                "You cannot expand more than {MAX_DEPTH} levels of a property. Property: {path}"
            ))
            .param("expand"));
        }
        expand_path(account, &mut value, &steps).ok_or_else(not_expandable)?;
    }
    Ok(value)
}

/// Expands one path; `None` if it does not lead to an id or to an object.
fn expand_path(account: &Account, value: &mut Value, steps: &[&str]) -> Option<()> {
    let Some((first, rest)) = steps.split_first() else {
        return Some(());
    };
    if let (Some(items), "data") = (value.get_mut("data").and_then(Value::as_array_mut), *first) {
        for item in items {
            expand_path(account, item, rest)?;
        }
        return Some(());
    }
    let field = value
        .as_object_mut()
        .and_then(|o: &mut Map<_, _>| o.get_mut(*first))?;
    match field {
        Value::Null => return Some(()),
        Value::String(id) => *field = account.show(id)?,
        Value::Object(_) => {}
        _ => return None,
    }
    expand_path(account, field, rest)
}

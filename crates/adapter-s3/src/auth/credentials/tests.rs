//! Sources that need no service.

use super::*;

#[test]
fn a_missing_variable_is_named() {
    let half = Environment::new(|name| (name == "AWS_ACCESS_KEY_ID").then(|| "id".to_owned()));
    let error = from_environment(&half).err().unwrap();
    assert!(
        error.to_string().contains("AWS_SECRET_ACCESS_KEY"),
        "{error}"
    );
    let empty = Environment::new(|_| Some(String::new()));
    assert!(from_environment(&empty).is_err(), "empty is not set");
}

#[test]
fn a_source_prints_nothing_secret() {
    let credentials = from_environment(&Environment::new(|_| Some("canary".to_owned()))).unwrap();
    assert_eq!(format!("{:?}", Source::Fixed(credentials)), "Fixed");
}

//! Other deliveries that Twilio's signature of a POST also covers: it signs fields without anything between them.

use anyvendor_conformance::SignedDelivery;
use http::Method;
use url::form_urlencoded;

/// Other bodies and URLs with the signature of a POST.
pub(crate) fn all(genuine: &SignedDelivery) -> Vec<SignedDelivery> {
    let body = std::str::from_utf8(&genuine.body).unwrap();
    let with = |body: String| SignedDelivery {
        body: body.into(),
        ..genuine.clone()
    };
    let mut pairs: Vec<_> = form_urlencoded::parse(&genuine.body).into_owned().collect();
    let write = |pairs: &[(String, String)]| {
        form_urlencoded::Serializer::new(String::new())
            .extend_pairs(pairs)
            .finish()
    };
    let mut all = vec![
        with(format!("&{body}&&")),
        with(body.replace('S', "%53")),
        with(body.split('&').rev().collect::<Vec<_>>().join("&")),
        with(format!("{body}&{}", body.split('&').next().unwrap())),
    ];
    pairs.sort();
    all.push(with(write(&pairs)));
    // The border between a name and its value, and between a value and the next name, is not signed.
    for at in 0..pairs.len() {
        let mut moved = pairs.clone();
        let (name, value) = &mut moved[at];
        if let Some(first) = value.chars().next() {
            name.push(first);
            *value = value[first.len_utf8()..].to_owned();
            all.push(with(write(&moved)));
        }
        let mut joined = pairs.clone();
        let (name, value) = joined.remove(at);
        if let Some((_, before)) = at.checked_sub(1).and_then(|at| joined.get_mut(at)) {
            before.push_str(&name);
            before.push_str(&value);
            all.push(with(write(&joined)));
        }
    }
    // Nor is the border between the URL and the fields, or the method.
    let fields: String = pairs
        .iter()
        .map(|(name, value)| name.clone() + value)
        .collect();
    let mut in_url = with(String::new());
    in_url.url.push_str(&fields);
    all.push(in_url.clone());
    all.push(in_url.with_method(Method::GET));
    all
}

//! The one macro of this crate: setters of request structs, so that all of them read alike.

/// Writes `with_*` setters that take anything that turns into the field's type.
macro_rules! setters {
    ($($(#[$doc:meta])+ $with:ident($field:ident: $type:ty);)+) => {
        $(
            $(#[$doc])+
            #[must_use]
            pub fn $with(mut self, $field: impl Into<$type>) -> Self {
                self.$field = $field.into();
                self
            }
        )+
    };
}

pub(crate) use setters;

//! The macros of this crate: they write the setters of request structs, so that all of them look alike.

/// Writes `with_*` setters.
///
/// A setter takes the value, also where the field is an `Option`: text as `impl Into<String>`, any other optional value
/// as it is, and a field that is not optional as anything that converts into it. A caller with an `Option` sets the
/// public field.
macro_rules! setters {
    ($($(#[$doc:meta])+ $with:ident($field:ident: $($type:tt)+);)+) => {
        $($crate::macros::setters! { @one [$(#[$doc])+] $with $field $($type)+ })+
    };
    (@one [$(#[$doc:meta])+] $with:ident $field:ident Option<String>) => {
        $(#[$doc])+
        #[must_use]
        pub fn $with(mut self, $field: impl Into<String>) -> Self {
            self.$field = Some($field.into());
            self
        }
    };
    (@one [$(#[$doc:meta])+] $with:ident $field:ident Option<$type:ty>) => {
        $(#[$doc])+
        #[must_use]
        pub fn $with(mut self, $field: $type) -> Self {
            self.$field = Some($field);
            self
        }
    };
    (@one [$(#[$doc:meta])+] $with:ident $field:ident $type:ty) => {
        $(#[$doc])+
        #[must_use]
        pub fn $with(mut self, $field: impl Into<$type>) -> Self {
            self.$field = $field.into();
            self
        }
    };
}

/// Writes `with_extension`, the setter of a request's `extensions`.
macro_rules! with_extension {
    () => {
        /// Adds options that only one vendor has; the adapters of other vendors reject a request that carries them.
        #[must_use]
        pub fn with_extension<T: Clone + Send + Sync + 'static>(mut self, extension: T) -> Self {
            self.extensions.insert(extension);
            self
        }
    };
}

pub(crate) use {setters, with_extension};

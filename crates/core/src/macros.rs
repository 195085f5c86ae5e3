//! The macros of this crate: they write the setters and the `Debug` of structs, so that all of them look alike.

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

/// Writes `as_str` and `Display` of an enum: one word in snake case for each variant, for logs, labels and APIs. With
/// `or Other`, the vendor's own word is written as it is.
macro_rules! words {
    ($type:ident { $($pattern:pat => $word:literal),+ $(,)? }) => {
        impl $type {
            /// The name in snake case, for logs, labels and APIs.
            #[must_use]
            pub const fn as_str(&self) -> &'static str {
                match self {
                    $($pattern => $word),+
                }
            }
        }

        $crate::macros::words! { @display $type }
    };
    ($type:ident { $($pattern:pat => $word:literal),+ $(,)? } or Other) => {
        impl $type {
            /// The name in snake case, for logs, labels and APIs; for `Other` the vendor's own word.
            #[must_use]
            pub fn as_str(&self) -> &str {
                match self {
                    $($pattern => $word,)+
                    Self::Other(word) => word,
                }
            }
        }

        $crate::macros::words! { @display $type }
    };
    (@display $type:ident) => {
        impl std::fmt::Display for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

pub(crate) use words;

/// Implements `Debug` for a struct with only these fields. The others may hold a value of a person or a secret: a name, an
/// address, a text, a URL with a query. Ids, keys, amounts, states and references to secrets may be shown.
///
/// # Examples
/// ```
/// struct Parcel {
///     id: u32,
///     to: String,
/// }
///
/// anyvendor_core::debug_only!(Parcel { id });
///
/// let parcel = Parcel { id: 7, to: "Ann, Main Street 1".to_owned() };
/// assert_eq!(format!("{parcel:?}"), "Parcel { id: 7, .. }");
/// # let _ = parcel.to;
/// ```
#[macro_export]
macro_rules! debug_only {
    ($type:ident $(<$life:lifetime>)? { $($field:ident),* $(,)? }) => {
        impl $(<$life>)? ::std::fmt::Debug for $type $(<$life>)? {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.debug_struct(stringify!($type))
                    $(.field(stringify!($field), &self.$field))*
                    .finish_non_exhaustive()
            }
        }
    };
}

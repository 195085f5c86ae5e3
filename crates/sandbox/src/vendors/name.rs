//! The names of the emulated vendors, made from the list in `vendors.rs`.

use serde::{Deserialize, Serialize};

macro_rules! names {
    ($($(#[$doc:meta])* $Vendor:ident = $module:ident::{$Emulator:ident, $Handle:ident};)+) => {
        /// A vendor that the sandbox emulates. The order is that of their ports.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(rename_all = "lowercase")]
        #[non_exhaustive]
        pub enum Vendor {
            $($(#[$doc])* $Vendor,)+
        }

        impl Vendor {
            /// Every vendor, in the order of their ports.
            pub const ALL: &'static [Self] = &[$(Self::$Vendor),+];

            /// The name as configuration files and addresses of the sandbox write it.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$Vendor => stringify!($module),)+
                }
            }

            /// The name as the vendor writes it, for the HTML page.
            pub(crate) fn title(self) -> &'static str {
                match self {
                    $(Self::$Vendor => stringify!($Vendor),)+
                }
            }
        }
    };
}

for_each_vendor!(names);

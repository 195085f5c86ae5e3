//! `sandbox.<vendor>()` for each vendor of the list in `vendors.rs`.

use crate::sandbox::Sandbox;

macro_rules! accessors {
    ($($(#[$doc:meta])* $Vendor:ident = $module:ident::{$Emulator:ident, $Handle:ident};)+) => {
        /// One handle per vendor: its address, its secrets and its state.
        impl Sandbox {
            $(
                $(#[$doc])*
                #[must_use]
                pub fn $module(&self) -> super::$module::$Handle<'_> {
                    super::$module::$Handle::new(&self.emulators.$module)
                }
            )+
        }
    };
}

for_each_vendor!(accessors);

//! The challenges that come with the program. `FORMAT.md` beside this crate describes their files.

use std::collections::BTreeMap;

use codementor_core::Challenge;
use rust_embed::RustEmbed;

use crate::files::Files;
use crate::format::{FormatError, parse};

#[derive(RustEmbed)]
#[folder = "challenges/"]
struct Folder;

/// The built-in challenges.
///
/// # Errors
/// Names the first challenge with a fault; a test keeps this from happening in a released program.
pub fn builtin() -> Result<Vec<Challenge>, FormatError> {
    let mut folders: BTreeMap<String, Files> = BTreeMap::new();
    for path in Folder::iter() {
        let (id, inner) = path
            .split_once('/')
            .ok_or_else(|| FormatError::new(&path, "a file outside a challenge's folder"))?;
        let bytes = Folder::get(&path).map(|file| file.data.into_owned()).unwrap_or_default();
        let files = folders.entry(id.to_owned()).or_default();
        files.insert(inner, bytes).map_err(|error| FormatError::new(id, &error.to_string()))?;
    }
    folders.into_iter().map(|(id, files)| parse(&id, files)).collect()
}

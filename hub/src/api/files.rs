//! What comes in and goes out: imports, exports, QR codes.

use super::types::wire;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

wire! {
    /// Reads cards into the book: vCard, CSV, JSContact, or a picture with a QR code; what it is shows in the content.
    struct Import {
        pub files: Vec<ImportFile>,
        /// Says what would happen and changes nothing.
        pub dry_run: bool,
    }
    /// A file, by its path on this computer or by its content.
    struct ImportFile {
        /// The path; or what the file is called, if `content` is given.
        pub name: String,
        /// The file's bytes in base64, where the path cannot be known (a window).
        #[serde(skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        pub content: Option<String>,
        /// For CSV: what each column means. Without it the header says so, where it is a known one.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        pub columns: Option<Vec<ColumnMeaning>>,
        /// The character set, e.g. `windows-1252`. Without it, it is found out.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        pub charset: Option<String>,
    }
    /// What a column of a CSV file means.
    struct ColumnMeaning {
        /// The column, counted from 1; 0 if `name` says which.
        pub column: u32,
        /// The column's header, in any case.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        pub name: Option<String>,
        /// What it holds: a field of `import.look`'s list, e.g. `tel;cell`; empty leaves the column out.
        pub field: String,
    }
    /// What an import did, or would do.
    struct Imported {
        pub added: u32,
        pub updated: u32,
        pub unchanged: u32,
        pub failed: Vec<ImportFailure>,
        /// What came in otherwise than it stood there, e.g. a photo made smaller; at most 1,000.
        pub notes: Vec<ImportFailure>,
        /// What each file was taken for.
        pub files: Vec<ImportedFile>,
        /// What happens to each card, in a dry run only; at most 1,000.
        pub rows: Vec<ImportRow>,
        /// Somebody stopped it: these are the cards until then.
        pub stopped: bool,
    }
    /// What a file was taken for.
    struct ImportedFile {
        pub file: String,
        /// `vcard`, `csv`, `jscontact` or `picture`.
        pub format: String,
        /// The dialect, e.g. `Google`, `Outlook`; empty if there is nothing to say.
        pub dialect: String,
        /// The character set it was read in.
        pub charset: String,
        pub cards: u32,
    }
    /// What would happen to one card.
    struct ImportRow {
        pub file: String,
        pub line: u32,
        pub name: String,
        /// `added`, `updated` or `unchanged`.
        pub action: String,
        /// The contact it would change; empty for a new one.
        pub id: String,
    }
    /// A card, or a line of one, that could not be read. The rest came in.
    struct ImportFailure {
        pub file: String,
        /// Counted from 1.
        pub line: u32,
        pub reason: String,
    }
    /// Looks at a file before it is imported.
    struct ImportLook {
        pub file: ImportFile,
    }
    /// What a file looks like.
    struct ImportLooked {
        pub file: ImportedFile,
        /// The columns of a CSV file; empty for other formats.
        pub columns: Vec<ImportColumn>,
        /// Every field that a column can mean.
        pub fields: Vec<ImportField>,
    }
    /// A column of a CSV file.
    struct ImportColumn {
        /// Counted from 1.
        pub column: u32,
        pub name: String,
        /// What it would be taken for; empty if it would be left out.
        pub field: String,
        /// The first few values that are not empty.
        pub samples: Vec<String>,
    }
    /// A field that a column can mean.
    struct ImportField {
        /// What `columns` takes, e.g. `tel;cell`.
        pub field: String,
        /// In words, e.g. "Phone (mobile)".
        pub label: String,
    }
    /// Takes back the last import made on this device.
    struct ImportUndo {}
    /// Stops imports that are under way.
    struct ImportStop {}

    /// Writes contacts to a file.
    struct Export {
        /// Where to; without it the answer carries the text.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        pub path: Option<String>,
        /// vCard `3.0` (unless said otherwise) or `4.0`.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        pub vcard: Option<String>,
        /// CSV instead: `google`, `outlook`, or `spreadsheet`, which no spreadsheet program takes for formulas.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        pub csv: Option<String>,
        /// JSContact (RFC 9553) instead: an array of cards.
        pub jscontact: bool,
        /// Only these contacts; empty means all.
        pub ids: Vec<String>,
        /// My card as well.
        pub me: bool,
    }
    /// What was written.
    struct Exported {
        pub contacts: u32,
        #[serde(skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        pub text: Option<String>,
        /// What the format has no place for, e.g. "12 photos"; empty if everything is in the file.
        pub left_out: Vec<String>,
    }
    /// Asks for a contact as a QR code.
    struct ContactsQr {
        pub id: String,
    }
    /// A contact as a QR code: without the photo, and without what does not fit.
    struct ContactQr {
        /// The code as an SVG picture.
        pub svg: String,
        /// The vCard in it.
        pub text: String,
        /// Properties that did not fit, by name.
        pub left_out: Vec<String>,
    }
    /// Reads QR codes from a picture, or from a part of the screen that the person picks.
    struct QrScan {
        /// The picture (PNG, JPEG or WebP) in base64; without it the screen.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        pub picture: Option<String>,
    }
    /// What the codes say.
    struct QrFound {
        pub codes: Vec<QrText>,
    }
    /// One code.
    struct QrText {
        /// `card`, `pair` or `other`.
        pub kind: String,
        pub text: String,
    }
}

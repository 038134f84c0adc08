//! CSV address books: telling whose they are, reading rows as cards, writing cards as rows.

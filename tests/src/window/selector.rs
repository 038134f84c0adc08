//! How stories name what is in the window: CSS, and `@name` for `[data-testid="name"]`.

/// Returns the CSS for it. An `@` between quotes is an `@`.
pub(super) fn css(what: &str) -> String {
    let mut css = String::new();
    let (mut quote, mut naming) = (None, false);
    for sign in what.chars() {
        if naming && !(sign.is_ascii_alphanumeric() || sign == '-') {
            css.push_str("\"]");
            naming = false;
        }
        match (quote, sign) {
            (None, '@') => {
                css.push_str("[data-testid=\"");
                naming = true;
                continue;
            }
            (None, '"' | '\'') => quote = Some(sign),
            (Some(open), _) if open == sign => quote = None,
            _ => {}
        }
        css.push(sign);
    }
    if naming {
        css.push_str("\"]");
    }
    css
}

#[cfg(test)]
mod tests {
    use super::css;

    #[test]
    fn a_test_id_is_written_with_an_at_sign() {
        assert_eq!(css("@card"), r#"[data-testid="card"]"#);
        assert_eq!(
            css(r#"@property[data-name="TEL"] @edit-add-TEL, button"#),
            r#"[data-testid="property"][data-name="TEL"] [data-testid="edit-add-TEL"], button"#
        );
    }

    #[test]
    fn a_mail_address_between_quotes_stays() {
        assert_eq!(css(r#"[data-value="a@b.org"]"#), r#"[data-value="a@b.org"]"#);
    }
}

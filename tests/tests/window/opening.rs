//! Kith is opened with a file or a link, by its first start or by another one.

use crate::scene::{card, laptop};
use kith_tests::window::{Bus, Opening, story};

#[test]
fn a_file_that_kith_is_opened_with_is_tried_at_once() {
    story(|| {
        let laptop = laptop();
        let file = laptop.write("from the mail.vcf", card("Zoë", "Zander", "+31 20 555 0100", "zoe@example.org"));
        // A hidden start with something to open shows itself: whoever opens a file wants to see it.
        let window = Opening::on(&laptop).word("--hidden").word(&file).open();
        window.see("@import-report[data-added='1']");
        window.see_text("@import-file", "from the mail.vcf");
        assert_eq!(laptop.call(&["status"])["book"]["contacts"], 6, "nothing comes in before a yes");
        window.click("@import-run");
        window.click("@import-close");
        window.see_text("@list-count", "7");
        window.reload();
        window.see_text("@list-count", "7");
        assert_eq!(window.count("@import"), 0, "it is opened once");
        window.close();
    });
}

#[test]
fn links_find_people_by_number_and_by_address_and_offer_to_write_down_who_is_new() {
    story(|| {
        let (bus, laptop) = (Bus::start(), laptop());
        let window = Opening::on(&laptop).bus(&bus).open();
        window.see("@contact-row");
        let open = |word: &str| {
            let second = Opening::on(&laptop).bus(&bus).word(word).start();
            assert_eq!(second.end().0.code(), Some(0), "{word}");
        };
        open("tel:+351-912-555-014");
        window.see_text("@card-name", "Dora Kovács");
        // As somebody in Germany dials it.
        open("tel:030%205550199");
        window.see_text("@card-name", "Jonas Weber");
        open("mailto:aoife@example.org?subject=Choir");
        window.see_text("@card-name", "Aoife O’Neill");

        open("mailto:new@example.net");
        window.see_text("@toast", "Nobody in your book has new@example.net.");
        window.click("@toast-action");
        window.see("@editor");
        assert_eq!(window.value("@edit-line[data-name='EMAIL'] input"), "new@example.net");
        window.press("Escape");

        let file = laptop.write("another.vcf", card("Zoë", "Zander", "+31 20 555 0100", "zoe@example.org"));
        open(&format!("file://{file}"));
        window.see("@import-report[data-added='1']");
        window.press("Escape");
        window.close();
    });
}

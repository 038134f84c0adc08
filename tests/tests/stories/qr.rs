//! Codes: a contact shown on one device and read by another, from a file or off the screen.

use super::{each, text};
use image::{GrayImage, Luma};
use kith_tests::people::Device;
use std::path::Path;

/// Draws the squares of a code's SVG, as a screen does.
fn photograph(svg: &str, path: &Path) {
    let side: u32 = svg.split_once("viewBox=\"0 0 ").unwrap().1.split(' ').next().unwrap().parse().unwrap();
    let mut picture = GrayImage::from_pixel(side * 6, side * 6, Luma([255]));
    let squares = svg.split('M').skip(1).filter_map(|square| square.split_once("h1v1h-1")?.0.split_once(','));
    for (x, y) in squares {
        let (x, y): (u32, u32) = (x.parse().unwrap(), y.parse().unwrap());
        (0..36).for_each(|at| picture.put_pixel(x * 6 + at % 6, y * 6 + at / 6, Luma([0])));
    }
    picture.save(path).unwrap();
}

#[test]
fn a_contact_shown_as_a_code_is_scanned_by_somebody_else() {
    let (mara, otto) = (Device::first("Laptop", "Mara"), Device::first("Computer", "Otto"));
    let card = "BEGIN:VCARD\r\nVERSION:4.0\r\nFN:Zoë 山田\r\nN:山田;Zoë;;;\r\nTEL;TYPE=cell:+49 170 1\r\nBDAY:19850412\r\n\
                PHOTO:data:image/png;base64,iVBORw0KGgo=\r\nEND:VCARD\r\n";
    mara.call_with(&["contacts", "add"], card);
    let shown = mara.call(&["contacts", "qr", &mara.find("170")]);
    assert_eq!(shown["left_out"], serde_json::json!([]));
    let picture = otto.file("code.png");
    photograph(text(&shown["svg"]), &picture);

    let found = otto.call(&["scan", picture.to_str().unwrap()]);
    assert_eq!(
        (each(&found["codes"], "kind"), each(&found["codes"], "text")),
        (vec!["card"], vec![text(&shown["text"])])
    );
    otto.call_with(&["contacts", "add"], text(&found["codes"][0]["text"]));
    let taken = otto.find("170");
    assert_eq!(otto.property(&taken, "BDAY")["text"], "1985-04-12");
    assert_eq!(
        otto.call(&["contacts", "show", &taken])["name"],
        mara.call(&["contacts", "show", &mara.find("170")])["name"]
    );
}

#[test]
fn the_code_of_pairing_is_told_from_a_card() {
    let mut laptop = Device::first("Laptop", "Mara");
    laptop.start();
    let open = laptop.call(&["pair", "show"]);
    let picture = laptop.file("pair.png");
    photograph(text(&open["qr"]), &picture);
    let found = laptop.call(&["scan", picture.to_str().unwrap()]);
    assert_eq!(
        (each(&found["codes"], "kind"), each(&found["codes"], "text")),
        (vec!["pair"], vec![text(&open["link"])])
    );
}

#[test]
fn a_picture_without_a_code_says_so() {
    let laptop = Device::first("Laptop", "Mara");
    let empty = laptop.file("empty.png");
    GrayImage::from_pixel(50, 50, Luma([128])).save(&empty).unwrap();
    assert!(laptop.refused("not_found", &["scan", empty.to_str().unwrap()]).contains("no QR code"));
    let text = laptop.write("note.txt", "hello");
    laptop.refused("malformed_file", &["scan", &text]);
}

#[cfg(target_os = "linux")]
mod screen {
    use super::*;
    use kith_tests::window::Bus;
    use std::{
        collections::HashMap,
        path::PathBuf,
        sync::{Arc, Mutex},
    };
    use tokio::runtime::Runtime;
    use zbus::{Connection, OwnedObjectPath, OwnedVariant, Variant, connection, interface, message::Header};

    /// A desktop that answers `Screenshot` as a person would: with a picture, or not at all.
    struct Portal {
        /// What was "picked"; `None`: the person turned away.
        picture: Option<PathBuf>,
        asked: Arc<Mutex<Vec<bool>>>,
    }

    #[interface(name = "org.freedesktop.portal.Screenshot")]
    impl Portal {
        async fn screenshot(
            &self,
            _parent: String,
            options: HashMap<String, OwnedVariant>,
            #[zbus(connection)] connection: &Connection,
            #[zbus(header)] header: Header<'_>,
        ) -> OwnedObjectPath {
            let interactive = options.get("interactive").and_then(|value| value.downcast_ref::<bool>().ok());
            self.asked.lock().unwrap().push(interactive.unwrap_or_default());
            let token: String = options["handle_token"].downcast_ref::<&str>().unwrap().to_owned();
            let sender = header.sender().unwrap().trim_start_matches(':').replace('.', "_");
            let path = format!("/org/freedesktop/portal/desktop/request/{sender}/{token}");
            let uri = self.picture.as_ref().map(|path| format!("file://{}", path.display()).replace(' ', "%20"));
            let results: HashMap<&str, Variant<'_>> =
                uri.iter().map(|uri| ("uri", Variant::from(uri.as_str()))).collect();
            let answer = (u32::from(uri.is_none()), results);
            // Before the call itself is answered: the client must be listening already.
            connection.emit_signal(None::<&str>, path.as_str(), REQUEST, "Response", &answer).await.unwrap();
            OwnedObjectPath::try_from(path).unwrap()
        }
    }

    const REQUEST: &str = "org.freedesktop.portal.Request";

    /// Puts the portal on the bus; it stays there for as long as what is returned.
    fn portal(bus: &Bus, picture: Option<PathBuf>) -> (Runtime, Connection, Arc<Mutex<Vec<bool>>>) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let asked = Arc::default();
        let portal = Portal { picture, asked: Arc::clone(&asked) };
        let builder = connection::Builder::address(bus.address())
            .name("org.freedesktop.portal.Desktop")
            .serve_at("/org/freedesktop/portal/desktop", portal);
        let connection = runtime.block_on(builder.build()).unwrap();
        (runtime, connection, asked)
    }

    fn device(bus: &Bus) -> Device {
        Device::first("Laptop", "Mara").with_env("DBUS_SESSION_BUS_ADDRESS", bus.address())
    }

    #[test]
    fn a_code_on_the_screen_is_picked_through_the_desktop_portal() {
        let bus = Bus::start();
        let device = device(&bus);
        device.call_with(&["contacts", "add"], "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Zoe\r\nN:;Zoe;;;\r\nEND:VCARD\r\n");
        let shown = device.call(&["contacts", "qr", &device.find("Zoe")]);
        let picture = device.file("screen shot.png");
        photograph(text(&shown["svg"]), &picture);
        let (_runtime, _connection, asked) = portal(&bus, Some(picture.clone()));
        let found = device.call(&["scan"]);
        assert_eq!(each(&found["codes"], "text"), [text(&shown["text"])]);
        assert_eq!(*asked.lock().unwrap(), [true], "the person picks the part of the screen");
        assert!(!picture.exists(), "the picture of the screen is not left lying about");
    }

    #[test]
    fn whoever_picks_nothing_is_told_so() {
        let bus = Bus::start();
        let (_runtime, _connection, _asked) = portal(&bus, None);
        device(&bus).refused("refused", &["scan"]);
    }

    #[test]
    fn a_desktop_without_a_portal_says_what_to_do_instead() {
        let bus = Bus::start();
        let told = device(&bus).refused("file_unavailable", &["scan"]);
        assert!(told.contains("drop it here"), "{told}");
    }
}

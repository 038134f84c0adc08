//! A file manager that lets go of a file over a window: the source's side of XDND, version 5, as freedesktop.org has it.
//!
//! The source owns the selection `XdndSelection`, tells the window under the pointer what it carries and where, is told
//! whether it may let go, and hands the data over when the window asks for it.

use super::Screen;
use crate::people::PATIENCE;
use std::{
    path::Path,
    thread,
    time::{Duration, Instant},
};
use x11rb::{
    COPY_DEPTH_FROM_PARENT, CURRENT_TIME, NONE,
    connection::Connection,
    protocol::{
        Event,
        xproto::{
            CLIENT_MESSAGE_EVENT, ClientMessageData, ClientMessageEvent, ConnectionExt, CreateWindowAux, EventMask,
            PropMode, SELECTION_NOTIFY_EVENT, SelectionNotifyEvent, SelectionRequestEvent, Window, WindowClass,
        },
    },
    wrapper::ConnectionExt as _,
};

impl Screen {
    /// Drags a file over a place in the window with this title, in pixels from its corner, and lets go there.
    pub(super) fn drop_file(&self, title: &str, path: &Path, place: (i16, i16)) {
        let target = self.titled(title).expect("it is in view");
        let source = self.connection.generate_id().expect("the display has ids");
        let made = self.connection.create_window(
            COPY_DEPTH_FROM_PARENT,
            source,
            self.root,
            0,
            0,
            1,
            1,
            0,
            WindowClass::INPUT_OUTPUT,
            0,
            &CreateWindowAux::new(),
        );
        made.expect("the display is there").check().expect("a window can be made");
        let drag = Drag { screen: self, source, target, place, uris: format!("file://{}\r\n", path.display()) };
        drag.play();
        let gone = self.connection.destroy_window(source);
        gone.expect("the display is there").check().expect("the window was there");
    }
}

/// A file on its way to a window.
struct Drag<'a> {
    screen: &'a Screen,
    source: Window,
    target: Window,
    place: (i16, i16),
    /// A list of URIs, as RFC 2483 has it.
    uris: String,
}

impl Drag<'_> {
    fn play(&self) {
        let screen = self.screen;
        let owned = screen.connection.set_selection_owner(self.source, screen.atom("XdndSelection"), CURRENT_TIME);
        owned.expect("the display is there").check().expect("the selection is free");
        self.send("XdndEnter", [VERSION << 24, screen.atom("text/uri-list"), NONE, NONE]);
        let place = self.on_screen();
        // A hand does not let go at once: the page is asked anew with each move, and its first answer is the browser's.
        let deadline = Instant::now() + PATIENCE;
        let mut accepted = 0;
        while accepted < MOVES {
            self.send("XdndPosition", [0, place, CURRENT_TIME, screen.atom("XdndActionCopy")]);
            let status = self.answered("XdndStatus");
            accepted += u32::from(status[1] & ACCEPTED != 0);
            assert!(Instant::now() < deadline, "the window does not take the file");
        }
        self.send("XdndDrop", [0, CURRENT_TIME, 0, 0]);
        let finished = self.answered("XdndFinished");
        assert!(finished[1] & ACCEPTED != 0, "the window did not take the file after all");
    }

    /// The place on the screen, as XdndPosition packs it.
    fn on_screen(&self) -> u32 {
        let (x, y) = self.place;
        let place = self.screen.connection.translate_coordinates(self.target, self.screen.root, x, y);
        let place = place.expect("the display is there").reply().expect("it is on the screen");
        ((place.dst_x as u32) << 16) | place.dst_y as u32
    }

    fn send(&self, kind: &str, words: [u32; 4]) {
        let event = ClientMessageEvent {
            response_type: CLIENT_MESSAGE_EVENT,
            format: 32,
            sequence: 0,
            window: self.target,
            type_: self.screen.atom(kind),
            data: ClientMessageData::from([self.source, words[0], words[1], words[2], words[3]]),
        };
        let sent = self.screen.connection.send_event(false, self.target, EventMask::NO_EVENT, event);
        sent.expect("the display is there").check().expect("the window is there");
    }

    /// Hands the file over as often as the window asks for it, until it answers so.
    fn answered(&self, kind: &str) -> [u32; 5] {
        let (kind_atom, deadline) = (self.screen.atom(kind), Instant::now() + PATIENCE);
        while Instant::now() < deadline {
            match self.screen.connection.poll_for_event().expect("the display is there") {
                Some(Event::ClientMessage(message)) if message.type_ == kind_atom => return message.data.as_data32(),
                Some(Event::SelectionRequest(request)) => self.hand_over(&request),
                Some(_) => {}
                None => thread::sleep(MOMENT),
            }
        }
        panic!("the window never said {kind}");
    }

    fn hand_over(&self, request: &SelectionRequestEvent) {
        let connection = &self.screen.connection;
        let known = request.target == self.screen.atom("text/uri-list");
        if known {
            let put = connection.change_property8(
                PropMode::REPLACE,
                request.requestor,
                request.property,
                request.target,
                self.uris.as_bytes(),
            );
            put.expect("the display is there").check().expect("the window is there");
        }
        let answer = SelectionNotifyEvent {
            response_type: SELECTION_NOTIFY_EVENT,
            sequence: 0,
            time: request.time,
            requestor: request.requestor,
            selection: request.selection,
            target: request.target,
            property: if known { request.property } else { NONE },
        };
        let sent = connection.send_event(false, request.requestor, EventMask::NO_EVENT, answer);
        sent.expect("the display is there").check().expect("the window is there");
    }
}

/// Of the protocol.
const VERSION: u32 = 5;
/// The bit of XdndStatus and XdndFinished that says yes.
const ACCEPTED: u32 = 1;
/// Moves over the window before the hand lets go.
const MOVES: u32 = 3;
/// Between two looks at what the display has to tell.
const MOMENT: Duration = Duration::from_millis(5);

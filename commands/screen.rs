//! The terminal while the live view owns it: alternate screen, no echo, keys read as they are pressed. It is given
//! back when the view leaves, however it leaves.

use crate::logging;
use crate::view::View;
use ratatui::DefaultTerminal;
use ratatui::crossterm::event::{self, Event, KeyCode, KeyEventKind, KeyModifiers};
use std::io;
use std::time::Duration;

/// The terminal, taken over.
#[derive(Debug)]
pub(crate) struct Screen {
    terminal: DefaultTerminal,
}

impl Screen {
    /// Takes the terminal over. A panic gives it back as well.
    ///
    /// # Errors
    /// What the terminal answers when it can't be taken over; it is left as it was.
    pub(crate) fn open() -> io::Result<Self> {
        match ratatui::try_init() {
            Ok(terminal) => {
                logging::hold();
                Ok(Self { terminal })
            }
            Err(error) => {
                // The first error is the one to report; undoing a half-done takeover may fail the same way.
                let _ = ratatui::try_restore();
                Err(error)
            }
        }
    }

    /// Draws the view; only what changed is sent to the terminal.
    pub(crate) fn draw(&mut self, view: &View) -> io::Result<()> {
        self.terminal.draw(|frame| view.draw(frame)).map(|_| ())
    }

    /// Whether q or Ctrl-C was pressed since the last call. A terminal that can't be read has no keys.
    pub(crate) fn is_quit_pressed() -> bool {
        while event::poll(Duration::ZERO).unwrap_or(false) {
            let Ok(event) = event::read() else { return false };
            if let Event::Key(key) = event {
                let with_control = key.modifiers.contains(KeyModifiers::CONTROL);
                let quits = match key.code {
                    KeyCode::Char('q' | 'Q') => true,
                    KeyCode::Char('c') => with_control,
                    _ => false,
                };
                if quits && key.kind == KeyEventKind::Press {
                    return true;
                }
            }
        }
        false
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        ratatui::restore();
        logging::release();
    }
}

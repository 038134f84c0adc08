//! JSContact (RFC 9553), to and from vCard as RFC 9555 maps them.

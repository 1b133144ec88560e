// @ts-check

// Does nothing. Chromium takes a service worker only from where it trusts the certificate: that it took this
// one is all that the page wants to know, and it gives it back at once.

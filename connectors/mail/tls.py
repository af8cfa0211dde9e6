"""Makes the TLS contexts for the mail servers we talk to."""

import ssl

from connectors.mail.config import ImapSettings, Security, SmtpSettings
from routing.errors import NeedsAttention


def client_context(server: ImapSettings | SmtpSettings) -> ssl.SSLContext | None:
    """The context for a server's certificate, or None for a plain connection. Raises NeedsAttention."""
    if server.security is Security.NONE:
        return None
    try:
        context = ssl.create_default_context(cafile=str(server.ca_file) if server.ca_file else None)
    except (OSError, ssl.SSLError) as failure:
        raise NeedsAttention(f"The certificate authority file {server.ca_file} cannot be used: {failure}") from failure
    if server.insecure:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context

"""The e-mail connector: mails as files, real servers at both ends."""

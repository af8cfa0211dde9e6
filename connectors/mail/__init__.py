"""The e-mail connector: reads mail from IMAP and from our own SMTP door, answers by SMTP."""

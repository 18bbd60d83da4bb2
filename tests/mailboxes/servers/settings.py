"""The settings the two servers run with. Everything they write lies in one folder."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

OFFICE = "csp-returns@opcc.example"
"""Whose mailbox the service works in."""

PASSWORD = "open-sesame"
SIZE_LIMIT = 2_000_000


@dataclass(frozen=True, kw_only=True)
class Ports:
    """Where they listen, on 127.0.0.1 only."""

    imap: int
    imap_starttls: int
    smtp: int
    lmtp: int


@dataclass(frozen=True, kw_only=True)
class Manner:
    """How the IMAP server is: what it can do ("": all of it), and where it keeps the folders of a person."""

    abilities: str = ""
    prefix: str = ""
    separator: str = "/"


def dovecot(place: Path, ports: Ports, manner: Manner) -> str:
    """Dovecot 2.3: one password for everybody, mailboxes made at first use, vacation answers by Sieve."""
    abilities = f"imap_capability = {manner.abilities}\n" if manner.abilities else ""
    return f"""
base_dir = {place}/dovecot/run
state_dir = {place}/dovecot/state
log_path = {place}/dovecot/log
protocols = imap lmtp
listen = 127.0.0.1
ssl = required
ssl_cert = <{place}/certificate.pem
ssl_key = <{place}/key.pem
disable_plaintext_auth = yes
auth_failure_delay = 0 secs
{abilities}submission_host = 127.0.0.1:{ports.smtp}
postmaster_address = postmaster@opcc.example
first_valid_uid = 1
default_login_user = dovenull
default_internal_user = dovecot
recipient_delimiter = +
mail_location = maildir:{place}/mail/%u
passdb {{
  driver = static
  args = password={PASSWORD}
}}
userdb {{
  driver = static
  args = uid=vtest gid=vtest home={place}/mail/%u allow_all_users=yes
}}
service imap-login {{
  inet_listener imap {{
    port = {ports.imap_starttls}
    ssl = no
  }}
  inet_listener imaps {{
    port = {ports.imap}
  }}
}}
service lmtp {{
  inet_listener lmtp {{
    address = 127.0.0.1
    port = {ports.lmtp}
  }}
}}
service anvil {{
  client_limit = 2000
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
protocol lmtp {{
  mail_plugins = sieve
}}
protocol imap {{
  mail_max_userip_connections = 100
}}
plugin {{
  sieve = file:{place}/mail/%u/sieve;active={place}/mail/%u/.dovecot.sieve
  sieve_vacation_min_period = 0
}}
namespace inbox {{
  inbox = yes
  prefix = {manner.prefix}
  separator = {manner.separator}
  mailbox Sent {{
    auto = create
    special_use = \\Sent
  }}
  mailbox Entwuerfe {{
    auto = create
    special_use = \\Drafts
  }}
}}
"""


def postfix_main(place: Path, ports: Ports) -> str:
    """Postfix: whatever the domain, mail goes to Dovecot here and none outside; a few people are unknown there."""
    return f"""
compatibility_level = 3.6
queue_directory = {place}/postfix/spool
data_directory = {place}/postfix/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = mx.opcc.example
mydestination =
mynetworks = 127.0.0.0/8
alias_maps =
local_recipient_maps =
virtual_mailbox_domains = static:all
virtual_mailbox_maps = static:all
virtual_transport = lmtp:inet:127.0.0.1:{ports.lmtp}
smtpd_relay_restrictions = permit_mynetworks, reject
smtpd_recipient_restrictions = permit_mynetworks, reject
smtpd_tls_cert_file = {place}/certificate.pem
smtpd_tls_key_file = {place}/key.pem
smtpd_tls_security_level = may
smtpd_sasl_auth_enable = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = {place}/dovecot/auth
smtpd_tls_auth_only = yes
virtual_alias_maps = texthash:{place}/postfix/aliases
transport_maps = texthash:{place}/postfix/transport
message_size_limit = {SIZE_LIMIT}
mailbox_size_limit = 0
maillog_file = {place}/postfix/log/mail
maillog_file_prefixes = {place}
default_transport = error:outside mail is off
relay_transport = error:outside mail is off
recipient_delimiter = +
local_header_rewrite_clients =
smtpd_client_connection_count_limit = 0
smtpd_client_connection_rate_limit = 0
"""


TRANSPORT = "gone.example error:5.1.1 mailbox unavailable\n"
ALIASES = "nobody@csp.example nobody@gone.example\n"
"""Whom the recipients' server does not know: Postfix takes the letter and sends a genuine bounce."""

AUTH = """
service auth {{
  unix_listener {place}/dovecot/auth {{
    mode = 0666
  }}
}}
"""


def postfix_master(ports: Ports) -> str:
    """The services Postfix runs, none of them in a chroot."""
    return f"""
127.0.0.1:{ports.smtp} inet n - n - - smtpd
cleanup   unix  n - n - 0 cleanup
qmgr      unix  n - n 300 1 qmgr
rewrite   unix  - - n - - trivial-rewrite
bounce    unix  - - n - 0 bounce
defer     unix  - - n - 0 bounce
trace     unix  - - n - 0 bounce
error     unix  - - n - - error
retry     unix  - - n - - error
proxymap  unix  - - n - - proxymap
lmtp      unix  - - n - - lmtp
anvil     unix  - - n - 1 anvil
scache    unix  - - n - 1 scache
tlsmgr    unix  - - n 1000? 1 tlsmgr
postlog   unix-dgram n - n - 1 postlogd
"""

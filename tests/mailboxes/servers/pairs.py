"""Cyrus with Exim, and Courier with OpenSMTPD: their settings, as Debian's packages of them want to be set."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tests.mailboxes.servers.packages import NEWER
from tests.mailboxes.servers.settings import PASSWORD, SIZE_LIMIT

USER = "csp-returns"
"""Who the office's mailbox belongs to, on both."""

_HASH = "$6$csp$GoxJ8IhbXeAzu5QA.Xuf45Xpw8EXO6mWaun2yFU9s5V8hBTMX.sXsvbqEHIlFi1eLBV.n3MZK1Ive3QTvlvqs1"
"""The same password, as files of users hold it."""


@dataclass(frozen=True, kw_only=True)
class Server:
    """A server: Debian's `packages`, `users` it runs as (each with a group), `files` by name, a script that starts it.

    In files and script "@{imap}", "@{starttls}", "@{smtp}" and "@{lmtp}" stand for ports, "@{place}" for the folder
    with certificates and mail: what is not for the office lies in "@{place}/others", a Maildir. Above each message
    there stands who it was for.
    """

    packages: tuple[str, ...]
    users: tuple[str, ...]
    files: Mapping[str, str]
    start: str


@dataclass(frozen=True, kw_only=True)
class Pair:
    """An IMAP and an SMTP server. `queue` is the folder of what is not delivered yet, `flush` tries that again."""

    name: str
    imap: Server
    smtp: Server
    queue: str
    flush: str = "true"

    @property
    def packages(self) -> tuple[str, ...]:
        """Of both."""
        return self.imap.packages + self.smtp.packages


_CYRUS = Server(
    packages=("cyrus-imapd", "sasl2-bin", "libsasl2-modules"),
    users=("cyrus",),
    files={
        "imapd.conf": """
configdirectory: /var/lib/cyrus
defaultpartition: default
partition-default: /var/spool/cyrus/mail
sievedir: /var/spool/sieve
proc_path: /run/cyrus/proc
mboxname_lockpath: /run/cyrus/lock
lmtpsocket: /run/cyrus/lmtp
idlesocket: /run/cyrus/idle
notifysocket: /run/cyrus/notify
servername: localhost
admins: cyrus
altnamespace: no
unixhierarchysep: no
autocreate_quota: 0
autocreate_post: yes
delete_mode: immediate
duplicatesuppression: no
allowplaintext: no
sasl_pwcheck_method: auxprop
sasl_auxprop_plugin: sasldb
sasl_mech_list: PLAIN LOGIN
tls_server_cert: @{place}/certificate.pem
tls_server_key: /etc/cyrus.key
""",
        "cyrus.conf": """
START { recover cmd="/usr/lib/cyrus/bin/ctl_cyrusdb -r" }
SERVICES {
  imap cmd="imapd" listen="127.0.0.1:@{starttls}" prefork=1
  imaps cmd="imapd -s" listen="127.0.0.1:@{imap}" prefork=1
  lmtp cmd="lmtpd -a" listen="127.0.0.1:@{lmtp}" prefork=1
}
EVENTS { checkpoint cmd="/usr/lib/cyrus/bin/ctl_cyrusdb -c" period=30 }
""",
    },
    start=f"""
install -d -o cyrus -g cyrus /run/cyrus /run/cyrus/proc /run/cyrus/lock
install -d -o cyrus -g cyrus /var/lib/cyrus /var/spool/cyrus /var/spool/cyrus/mail /var/spool/sieve
for user in cyrus {USER}; do printf {PASSWORD} | saslpasswd2 -p -c -u localhost $user; done
chown cyrus /etc/sasldb2
install -o cyrus -m 600 @{{place}}/key.pem /etc/cyrus.key
/usr/lib/cyrus/bin/master -d
""",
)

_EXIM = Server(
    packages=("exim4-daemon-light",),
    users=("Debian-exim",),
    # As Debian gives it, it leaves the eleventh and later messages of one session to the next run of its queue.
    files={
        "exim4/exim4.conf": f"""
primary_hostname = mx.opcc.example
keep_environment =
daemon_smtp_ports = @{{smtp}}
local_interfaces = 127.0.0.1
log_file_path = @{{place}}/others/exim-%s
tls_advertise_hosts = *
tls_certificate = @{{place}}/certificate.pem
tls_privatekey = /etc/exim4/exim.key
auth_advertise_hosts = ${{if eq {{$tls_in_cipher}} {{}} {{}} {{*}}}}
message_size_limit = {SIZE_LIMIT}
acl_smtp_rcpt = accept
acl_smtp_data = accept
queue_run_in_order = true

begin routers
office:
  driver = accept
  domains = opcc.example
  local_parts = {USER}
  local_part_suffix = +*
  local_part_suffix_optional
  transport = cyrus
others:
  driver = accept
  transport = others

begin transports
cyrus:
  driver = smtp
  protocol = lmtp
  hosts = 127.0.0.1
  port = @{{lmtp}}
  allow_localhost
others:
  driver = appendfile
  directory = @{{place}}/others
  maildir_format
  envelope_to_add
  user = Debian-exim

begin retry
* * F,2h,1s

begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = ${{if and {{{{eq {{$auth2}} {{{USER}}}}} {{eq {{$auth3}} {{{PASSWORD}}}}}}}}}
"""
    },
    start="""
install -d -o Debian-exim -g Debian-exim /var/spool/exim4 /var/spool/exim4/input /var/spool/exim4/msglog
install -d -o Debian-exim -g Debian-exim /var/spool/exim4/db @{place}/others
install -o Debian-exim -m 600 @{place}/key.pem /etc/exim4/exim.key
exim4 -bd
""",
)

_COURIER = Server(
    packages=("courier-imap",),
    users=("courier", "office"),
    files={
        "courier/authdaemonrc": """
authmodulelist="authuserdb"
authmodulelistorig="authuserdb"
daemons=2
authdaemonvar=/run/courier/authdaemon
DEBUG_LOGIN=0
""",
        "courier/imapd.own": "ADDRESS=127.0.0.1\nPORT=@{starttls}\n",
        "courier/imapd-ssl.own": "SSLADDRESS=127.0.0.1\nSSLPORT=@{imap}\nTLS_CERTFILE=/etc/courier/imapd.pem\n",
        "courier/imapaccess.dat": "",
    },
    start=f"""
install -d -o courier -g courier /run/courier /run/courier/authdaemon /var/lib/courier
install -d -o office -g office @{{place}}/office @{{place}}/others
uid=$(id -u office)
test -d @{{place}}/office/Maildir ||
  setpriv --reuid $uid --regid $uid --clear-groups maildirmake.courier @{{place}}/office/Maildir
cd /etc/courier
for file in imapd imapd-ssl; do cat $file.own >> $file; done
cat @{{place}}/key.pem @{{place}}/certificate.pem > imapd.pem
printf '%s\\timappw=%s|uid=%s|gid=%s|home=%s|mail=%s' '{USER}' '{_HASH}' $uid $uid @{{place}}/office \\
  @{{place}}/office/Maildir > userdb
chown courier imapd.pem userdb
chmod 600 imapd.pem userdb
makeuserdb
authdaemond start
/usr/lib/courier/imapd start
/usr/lib/courier/imapd-ssl start
""",
)

_OPENSMTPD = Server(
    packages=(f"opensmtpd/{NEWER}",),
    users=("opensmtpd", "opensmtpq"),
    files={
        "smtpd.conf": f"""
pki "mx.opcc.example" cert "@{{place}}/certificate.pem"
pki "mx.opcc.example" key "@{{place}}/key.pem"
table users file:/etc/smtpd-users
table everybody file:/etc/smtpd-everybody
smtp max-message-size "{SIZE_LIMIT}"
listen on 127.0.0.1 port @{{smtp}} tls pki "mx.opcc.example" auth-optional <users> hostname "mx.opcc.example"
action "office" maildir "@{{place}}/office/Maildir" virtual <everybody>
action "others" maildir "@{{place}}/others" virtual <everybody>
match from any for rcpt-to regex "^{USER}(\\+.*)?@opcc.example$" action "office"
match from any for any action "others"
""",
        "smtpd-users": f"{USER} {_HASH}\n",
        "smtpd-everybody": "@ office\n",
    },
    start="""
mkdir -p /var/spool /run/opensmtpd
ln -sfn /run /var/run
smtpd -d &
""",
)

CYRUS_EXIM = Pair(name="cyrus-exim", imap=_CYRUS, smtp=_EXIM, queue="var/spool/exim4/input", flush="exim4 -q")
COURIER_OPENSMTPD = Pair(name="courier-opensmtpd", imap=_COURIER, smtp=_OPENSMTPD, queue="var/spool/smtpd/queue")
PAIRS = (CYRUS_EXIM, COURIER_OPENSMTPD)

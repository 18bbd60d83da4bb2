"""The parts of the header sets: what Authentication-Results say, and where they stand among the trace lines."""

from __future__ import annotations

AR = "Authentication-Results: "
PASSES = {
    "plain": "mx.opcc.example; dmarc=pass header.from=charnwood.example",
    "capitals": "MX.Opcc.EXAMPLE; DMARC=Pass Header.From=Charnwood.EXAMPLE",
    "version": "mx.opcc.example 1; dmarc/1=pass header.from=charnwood.example",
    "several methods": "mx.opcc.example; spf=pass smtp.mailfrom=charnwood.example; dkim=pass header.d=charnwood.example"
    "; dmarc=pass (p=reject dis=none) header.from=charnwood.example",
    "folded": "mx.opcc.example;\r\n\tspf=none;\r\n  dmarc=pass\r\n\theader.from=charnwood.example",
    "comments all over": "(we) mx.opcc.example (are) ; (it) dmarc (says (and nests)) = (a) pass (policy) "
    "header.from=charnwood.example (end)",
    "a failure in a comment": "mx.opcc.example; dmarc=pass (was dmarc=fail; before) header.from=charnwood.example",
    "a failure in quotation marks": 'mx.opcc.example; spf=pass reason="a; dmarc=fail (" smtp.helo=x; '
    "dmarc=pass header.from=charnwood.example",
    "a comment with an escaped bracket": r"mx.opcc.example; dmarc=pass (a \) b) header.from=charnwood.example",
    "quoted values": '"mx.opcc.example"; dmarc=pass header.from="charnwood.example"',
    "an equals sign in another value": "mx.opcc.example; spf=pass smtp.mailfrom=b+1=lead=x.example@send.example; "
    "dmarc=pass header.from=charnwood.example",
    "nothing but spaces between": "mx.opcc.example;dmarc=pass   header.from = charnwood.example;",
}
NO_PROOFS = {
    "another domain": "mx.opcc.example; dmarc=pass header.from=evil.example",
    "a subdomain of ours": "mx.opcc.example; dmarc=pass header.from=mail.charnwood.example",
    "the domain above": "mx.opcc.example; dmarc=pass header.from=example",
    "ours as a beginning": "mx.opcc.example; dmarc=pass header.from=charnwood.example.evil.example",
    "ours as an end": "mx.opcc.example; dmarc=pass header.from=evilcharnwood.example",
    "a trailing full stop": "mx.opcc.example; dmarc=pass header.from=charnwood.example.",
    "a look-alike letter": "mx.opcc.example; dmarc=pass header.from=ch\u0430rnwood.example",
    "wide letters": "mx.opcc.example; dmarc=pass header.from=\uff43harnwood.example",
    "no domain": "mx.opcc.example; dmarc=pass",
    "an empty domain": "mx.opcc.example; dmarc=pass header.from=",
    "two domains": "mx.opcc.example; dmarc=pass header.from=charnwood.example header.from=evil.example",
    "an address": "mx.opcc.example; dmarc=pass header.from=lead@charnwood.example",
    "the domain of another test": "mx.opcc.example; dmarc=pass; dkim=pass header.from=charnwood.example",
    "the domain in a comment": "mx.opcc.example; dmarc=pass (header.from=charnwood.example)",
    "the domain under another name": "mx.opcc.example; dmarc=pass smtp.from=charnwood.example",
    "the pass in a comment": "mx.opcc.example; dmarc=none (dmarc=pass) header.from=charnwood.example",
    "the whole test in a comment": "mx.opcc.example; spf=pass (; dmarc=pass header.from=charnwood.example)",
    "the whole test in quotation marks": 'mx.opcc.example; spf=pass reason="; dmarc=pass '
    'header.from=charnwood.example"',
    "the test behind an encoded word": "mx.opcc.example; =?utf-8?q?dmarc=3Dpass_header=2Efrom=3Dcharnwood=2Eexample?=",
    "a semicolon in an encoded word": "mx.opcc.example; spf=pass smtp.helo==?utf-8?q?x;_dmarc=3Dpass?= "
    "header.from=charnwood.example",
    "a comment that does not close": "mx.opcc.example; dmarc=pass header.from=charnwood.example (",
    "a comment that never opened": "mx.opcc.example; dmarc=pass header.from=charnwood.example )",
    "a quotation that does not close": 'mx.opcc.example; dmarc=pass header.from=charnwood.example "',
    "none": "mx.opcc.example; dmarc=none header.from=charnwood.example",
    "a passing error": "mx.opcc.example; dmarc=temperror header.from=charnwood.example",
    "a lasting error": "mx.opcc.example; dmarc=permerror header.from=charnwood.example",
    "a best guess": "mx.opcc.example; dmarc=bestguesspass header.from=charnwood.example",
    "nearly pass": "mx.opcc.example; dmarc=passed header.from=charnwood.example",
    "other methods only": "mx.opcc.example; spf=pass smtp.mailfrom=charnwood.example; "
    "dkim=pass header.d=charnwood.example",
    "nothing tested": "mx.opcc.example; none",
    "nothing at all": "",
    "a pass for us and one for another": "mx.opcc.example; dmarc=pass header.from=charnwood.example; "
    "dmarc=pass header.from=evil.example",
    "far too long": f"mx.opcc.example; dmarc=pass header.from=charnwood.example ({'x' * 9_000})",
    "another server": "mx.other.example; dmarc=pass header.from=charnwood.example",
    "a server of a longer name": "mx.opcc.example.evil.example; dmarc=pass header.from=charnwood.example",
    "our server in a comment": "mx.evil.example (mx.opcc.example); dmarc=pass header.from=charnwood.example",
    "no server": "dmarc=pass header.from=charnwood.example",
    "our server second": "evil.example; mx.opcc.example; dmarc=pass header.from=charnwood.example",
}
FAILURES = {
    "plain": "mx.opcc.example; dmarc=fail header.from=charnwood.example",
    "capitals": "MX.OPCC.example; DMARC=FAIL header.from=charnwood.example",
    "folded": "mx.opcc.example;\r\n\tdmarc\r\n\t=\r\n\tfail (p=none) header.from=charnwood.example",
    "of another domain": "mx.opcc.example; dmarc=fail header.from=evil.example",
    "beside a pass": "mx.opcc.example; dmarc=pass header.from=charnwood.example; "
    "dmarc=fail header.from=charnwood.example",
    "beside other passes": "mx.opcc.example; spf=pass smtp.mailfrom=evil.example; dkim=pass header.d=evil.example; "
    "dmarc=fail header.from=charnwood.example",
}
ENTERED = "Received: from relay.charnwood.example (relay.charnwood.example [192.0.2.7]) by in.opcc.example with ESMTPS"
ENTERED_FOLDED = (
    "Received: from relay.charnwood.example\r\n\t(relay.charnwood.example [192.0.2.7])\r\n\tby IN.opcc.EXAMPLE"
)
STORED = "Received: from in.opcc.example (in.opcc.example [10.0.0.2]) by store.opcc.example with LMTP"
BEFORE = "Received: from pc by relay.charnwood.example with ESMTP"
COUNTS = {
    "right above the boundary": (AR + "{}", ENTERED),
    "above it, with a hop inside on top": (STORED, AR + "{}", ENTERED, BEFORE),
    "on top of a hop inside": (AR + "{}", STORED, ENTERED, BEFORE),
    "above a folded boundary": ("authentication-results: {}", ENTERED_FOLDED),
}
COUNTS_NOT = {
    "below the boundary": (ENTERED, AR + "{}"),
    "below it, above its sender's own line": (STORED, ENTERED, AR + "{}", BEFORE),
    "above a second line that pretends to be the boundary": (ENTERED, AR + "{}", ENTERED),
    "where no boundary is": (AR + "{}", BEFORE),
    "where no trace is at all": (AR + "{}",),
    "above a line by a host that begins like the boundary": (
        AR + "{}",
        "Received: from x by in.opcc.example.evil.example with ESMTP",
    ),
    "above a line that only came from the boundary": (AR + "{}", "Received: from in.opcc.example by evil.example"),
    "below a boundary whose line an open bracket spoils": (
        "Received: from pc( (unknown [192.0.2.9]) by in.opcc.example with ESMTP",
        AR + "{}",
        ENTERED,
    ),
    "below a boundary whose line an encoded word spoils": (
        "Received: from =?utf-8?q?=28?= (unknown [192.0.2.9]) by in.opcc.example with ESMTP",
        AR + "{}",
        ENTERED,
    ),
    "in a header of another name": ("ARC-Authentication-Results: i=1; {}", "X-" + AR + "{}", ENTERED),
}

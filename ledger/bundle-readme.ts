/** `README.txt` of a bundle: how to check it without our software. */
export const EVIDENCE_README = `EVIDENCE BUNDLE of Self Managed Secret Keys

entries.jsonl       the ledger: one entry a line, canonical JSON (RFC 8785), numbered from 0 by "index"
hashes              the entries' leaf hashes, hex, one a line: SHA-256 of a zero byte and the line
checkpoint          the signed head: origin, size, root, mode (c2sp.org/tlog-checkpoint, c2sp.org/signed-note)
vkey                the key that signed it: name+id+key (c2sp.org/signed-note)
statements.jsonl    signed descriptions of envelopes and custody: one compact JWS (RFC 7515, EdDSA) a line
orders.jsonl        signed orders, likewise
approvals.jsonl     the customer's signed approvals, likewise
approver-keys.json  the approval keys the ledger enrols, and what enrolled each
enrolments.jsonl    what an enrolled approval key signed to add or remove another: one compact JWS a line
keys.json           the keys that statements and orders are signed by (JWK)
usage.jsonl         one row per call of the key provider, with its request id, of whole minutes

In usage.jsonl "purpose" is what a call was for: "encrypt", "decrypt" or "mixed" content, "custody" where workspace
keys are put under another key, "verification" for a probe. "operations" is 0 for a call that was refused or
repeated, "requestId" null for one whose answer never came. The file has the newest minutes, at most
50,000 rows, or those before an instant that was asked for (smsk evidence export --usage-before); between its first
and its last minute none is missing. Compare "requestId" with your provider's own log: at AWS the requestID of CloudTrail,
at Azure the vault's AuditEvent rows of KeyWrap and KeyUnwrap (not the Activity Log). Minutes outside of it are in the
ledger by their count and root: a usage entry's "root" is the tree of step 2 over the minute's lines, hashed as in 1.

The keys in this folder prove nothing by themselves: whoever can forge the one can forge the other. Compare
vkey and keys.json with copies you got another way, or give them to our verifier: smsk evidence verify DIR
--trust FILE. The file has a key a line: "checkpoint VKEY", "custody JWK", "order-issuer JWK", "approver
THUMBPRINT", "witness VKEY", and "actor JWK", which signed who of our staff approved an offboarding.

BY HAND, with a shell, coreutils, xxd, jq and openssl 3:

1. Leaf hashes. This must print nothing:

      while IFS= read -r line; do printf '\\0%s' "$line" | sha256sum | cut -c1-64; done < entries.jsonl | diff - hashes

2. Root (RFC 6962, section 2.1): hash pairs of a byte 1 and two hashes, level by level; the last of an odd level
   goes up as it is. What remains must be the third line of checkpoint:

      cp hashes level
      while [ "$(wc -l < level)" -gt 1 ]; do
        paste -d ' ' - - < level | while read -r a b; do
          if [ -n "$b" ]; then printf '01%s%s' "$a" "$b" | xxd -r -p | sha256sum | cut -c1-64; else echo "$a"; fi
        done > next; mv next level
      done
      xxd -r -p level | base64; sed -n 3p checkpoint

3. The second line of checkpoint is the number of lines:

      wc -l < entries.jsonl; sed -n 2p checkpoint

4. The checkpoint's signature. The text is its first four lines; the signature is what follows the 4 bytes of the
   key's id; the key is what follows the type byte 1 in vkey:

      head -n 4 checkpoint > text
      sed -n '6s/.* //p' checkpoint | base64 -d | tail -c +5 > signature
      { printf '302a300506032b6570032100' | xxd -r -p; cut -d+ -f3- vkey | base64 -d | tail -c +2; } > key.der
      openssl pkeyutl -verify -pubin -keyform DER -inkey key.der -rawin -in text -sigfile signature

5. A statement, order, approval or enrolment is header.payload.signature, each base64url:

      b64() { tr '_-' '/+' | awk '{while (length($0) % 4) $0 = $0 "="; print}' | base64 -d; }
      sed -n 1p statements.jsonl | cut -d. -f2 | b64 | jq .
      sed -n 1p statements.jsonl | cut -d. -f1-2 | tr -d '\\n' > text
      sed -n 1p statements.jsonl | cut -d. -f3 | b64 > signature
      { printf '302a300506032b6570032100' | xxd -r -p; jq -r '.custody[0].x' keys.json | b64; } > key.der
      openssl pkeyutl -verify -pubin -keyform DER -inkey key.der -rawin -in text -sigfile signature

   A statement's "ledgerIndex" is the entry it belongs to; that entry has its "wrappedSha256". An order's entry has
   "jwsSha256", the SHA-256 of the whole line without its newline. An approval's entry has its "nonce" and
   "planDigest". A line of enrolments.jsonl has its SHA-256, as an order has, in its approver-enrolled entry's key or
   its approver-removed entry, as "enrolmentSha256"; check it like a statement, with the "x" that approver-keys.json
   has for its "credentialId":

      signer=$(sed -n 1p enrolments.jsonl | cut -d. -f2 | b64 | jq -r .credentialId)
      sed -n 1p enrolments.jsonl | cut -d. -f1-2 | tr -d '\\n' > text
      sed -n 1p enrolments.jsonl | cut -d. -f3 | b64 > signature
      x=$(jq -r --arg id "$signer" '.[] | select(.credentialId == $id).publicJwk.x' approver-keys.json)
      { printf '302a300506032b6570032100' | xxd -r -p; printf %s "$x" | b64; } > key.der
      openssl pkeyutl -verify -pubin -keyform DER -inkey key.der -rawin -in text -sigfile signature

   That key must have been enrolled, and not yet removed, at the entry.

A valid bundle says: this is the history that the signer signed, and nobody changed it since. That nobody was
shown another one is known only if two parties compare checkpoints, or a witness signed this one.
`;

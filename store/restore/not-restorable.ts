/** Why an organization's ledger can't be brought to what was signed, in words for whoever has to mend it. Nothing of it was changed. */
export class NotRestorable extends Error {
  override readonly name = 'NotRestorable';
}

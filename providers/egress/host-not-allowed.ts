/** Thrown before a byte leaves: the host isn't the computed one, or its name leads to an address we don't connect to. */
export class HostNotAllowed extends Error {
  override readonly name = 'HostNotAllowed';
  constructor() {
    super('host not allowed');
  }
}

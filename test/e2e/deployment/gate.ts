/** Stops whoever comes to it until the test opens it. */
export class Gate {
  #arrived = (): void => undefined;
  #open = (): void => undefined;
  readonly arrival = new Promise<void>((resolve) => {
    this.#arrived = resolve;
  });
  readonly #opened = new Promise<void>((resolve) => {
    this.#open = resolve;
  });

  async pass(): Promise<void> {
    this.#arrived();
    await this.#opened;
  }

  open(): void {
    this.#open();
  }
}

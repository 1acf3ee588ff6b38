/**
 * What every side effect of the fakes passes: the trace of a run, and the place where one effect of it is made to
 * go wrong. An effect that is added to a fake is covered by the crash tests without anybody naming it there.
 */
export const FAULT_KINDS = ['lost-before', 'answer-lost', 'twice'] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

export interface Fault {
  /** Position in the trace of an undisturbed run. */
  readonly at: number;
  readonly kind: FaultKind;
}

export class Effects {
  readonly trace: string[] = [];
  constructor(readonly fault: Fault | null = null) {}

  async run<T>(name: string, effect: () => Promise<T>): Promise<T> {
    const at = this.trace.push(name) - 1;
    if (this.fault?.at !== at) return effect();
    switch (this.fault.kind) {
      case 'lost-before':
        throw new Error(`${name}: lost before it was done`);
      case 'answer-lost':
        await effect();
        throw new Error(`${name}: done, but the answer was lost`);
      case 'twice':
        await effect();
        return effect();
      default: {
        const unknown: never = this.fault.kind;
        throw new Error(`unknown ${String(unknown)}`);
      }
    }
  }
}

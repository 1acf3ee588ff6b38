import type { Rig } from './rig';

/** The first attempt of an activity hangs until it's let go: then it goes on, though its run is long gone. */
export function hanging(rig: Rig, activity: string) {
  let letGo = () => {};
  let arrive = () => {};
  const gate = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  const reached = new Promise<void>((resolve) => {
    arrive = resolve;
  });
  let outcome: Promise<unknown> = Promise.resolve();
  rig.instead.set(activity, (original) => {
    rig.instead.delete(activity);
    arrive();
    outcome = gate.then(original);
    return outcome;
  });
  return {
    reached,
    letGo: () => {
      letGo();
      return outcome.then(
        () => 'done',
        (error: unknown) => (error as { type?: string }).type,
      );
    },
  };
}

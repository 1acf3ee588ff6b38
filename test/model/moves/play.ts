import { ApplicationFailure } from '@temporalio/common';
import type { Pool } from 'pg';
import type { OperationId } from '../../../domain/ids';
import type { Operation } from '../reference/custody';
import { demand, type Entry } from '../reference/entry';
import type { Facts } from '../reference/facts';
import { isOffboarding } from '../reference/invariants';
import { Watch } from '../reference/watch';
import { PROCESSES, processOf } from '../runs';
import { approveAsOperator, connect, decide, plan, verify } from '../runs/people';
import { advance, carriedOut, refused } from '../runs/perform';
import { type Asked, newRun, type Process, type Run, type Step } from '../runs/run';
import { statesOf } from '../world/platform';
import type { Disturbance } from '../world/turmoil';
import type { World } from '../world/world';
import { mayRead, read, refusalOf, write } from './content';
import type { Move } from './move';
import { openIncident, proved, tried } from './recovery';

/** Steps until an operation must have come to its end. */
const STEPS = 60;

/** One interleaving as it's played: the runs there are, and the watch that looks after each move. */
export class Play {
  readonly watch: Watch;
  facts: Facts | null = null;
  /** What was done, for whoever reads a failure, and for the count of what was tried at all. */
  readonly story: string[] = [];

  constructor(
    owner: Pool,
    readonly world: World,
    /** The newest last. */
    readonly runs: Run[],
  ) {
    this.watch = new Watch(owner, world);
  }

  async look(): Promise<readonly Entry[]> {
    const { facts, entries } = await this.watch.look();
    this.facts = facts;
    return entries;
  }

  /** @throws Violation */
  async play(move: Move): Promise<void> {
    const before = this.facts;
    const refusals = this.#refusals();
    const told = await this.#act(move);
    if (told === null) return;
    this.story.push(told);
    const entries = await this.look();
    if (move.do === 'step') demandUnchanged(before, this.facts, entries);
    // What hung may have asked the key while it still answered.
    if (move.do !== 'let-go' && entries.some(isOffboarding))
      demand(refusals.length === 0, `offboarded while the key refuses: ${refusals.join()}`);
    await this.#seen(move);
  }

  /** Fair weather: what was begun comes to its end, and everything can be read. */
  async end(toItsEnd: boolean): Promise<void> {
    const { world } = this;
    world.customer.mends();
    world.platform.staysAlive = 0;
    for (const hanging of world.turmoil.hanging.splice(0)) {
      await hanging.letGo();
      await this.look();
    }
    if ((await world.parts.store.openIncident(world.id)) !== null) {
      const isClosed = await proved(world, this.watch.reference, null);
      demand(isClosed, 'nothing is refused, and the incident stays open');
      this.story.push('prove true');
    }
    await this.look();
    if (toItsEnd) await this.#toItsEnd();
    for (const content of world.contents) {
      demand((await read(world, content)) === null, 'what was written can’t be read in fair weather');
    }
  }

  async #toItsEnd(): Promise<void> {
    const { world } = this;
    const { reference } = this.watch;
    for (const process of PROCESSES) {
      const operation = [...reference.operations.values()].find(
        ({ kind, ended }) => kind === process.kind && !ended,
      );
      if (operation === undefined) continue;
      // An offboarding needs none.
      if (!reference.entitled && process.kind !== 'offboard') await world.order();
      await this.#goOn(process, operation);
    }
    for (let left = reference.spareLeft; left !== undefined; left = reference.spareLeft)
      await this.#goOn(processOf(left.kind), left);
    reference.platform.demandNoSpare(statesOf(world.platform));
    await write(world, `after ${this.story.length}`);
  }

  async #goOn(process: Process, { id }: Operation): Promise<void> {
    const run = await this.#begin(process, { ...NOBODY, only: id as OperationId });
    demand(run !== null, 'an open operation can’t be taken over');
    for (let steps = 0; !run.over; steps += 1) {
      demand(steps < STEPS, `${process.kind} comes to no end: ${this.story.slice(-6).join(', ')}`);
      const told = await advance(this.world, process, run, null);
      this.story.push(`${process.kind} ${told?.name} ${told?.refused ?? ''}`);
      await this.look();
    }
  }

  async #act(move: Move): Promise<string | null> {
    const { world } = this;
    switch (move.do) {
      case 'step': {
        const run = this.#run(move.who);
        if (run === null || run.over) return null;
        const told = await advance(world, processOf(run.kind), run, move.disturbance);
        return told && `${run.kind} ${told.name} ${told.refused ?? ''}`;
      }
      case 'misled':
      case 'hasty': {
        const run = this.#run(move.who);
        return run && this.#elsewhere(run, move);
      }
      case 'take-over': {
        const { open, spareLeft } = this.watch.reference;
        const lost = open ?? spareLeft;
        if (lost === undefined) return null;
        const run = await this.#begin(processOf(lost.kind), { ...NOBODY, only: lost.id as OperationId });
        demand(run !== null, 'an open operation can’t be taken over');
        return `take over ${lost.kind} ${run.standing.stage}`;
      }
      case 'begin': {
        const process = PROCESSES[move.kind];
        if (process === undefined) return null;
        const run = await this.#begin(process, move);
        return `begin ${process.kind} ${run === null ? 'refused' : run.standing.stage}`;
      }
      case 'let-go': {
        const hanging = world.turmoil.hanging.shift();
        if (hanging === undefined) return null;
        await hanging.letGo();
        return 'let go';
      }
      case 'cancel': {
        const run = this.#run(move.who);
        return run && this.#send(run, processOf(run.kind).cancel(world, run), null);
      }
      case 'message': {
        const run = this.#run(0);
        if (run === null || run.kind === 'rotate') return null;
        return this.#send(run, MESSAGE[move.what](world, run), null);
      }
      case 'operator': {
        const run = this.#run(0);
        if (run === null || run.kind === 'rotate') return null;
        return this.#send(run, approveAsOperator(world, run, move.who), null);
      }
      case 'order':
        await world.order(move.what);
        return move.what;
      case 'customer':
        return this.#turns(move);
      case 'customer-rotates':
        return world.customer.rotates(move.key) ? `the customer rotates ${move.key}` : null;
      case 'platform-lags':
        world.platform.staysAlive = 2;
        return 'the platform lags';
      case 'content':
        return this.#content(move);
      case 'recovery': {
        if (move.what === 'prove')
          return `prove ${await proved(world, this.watch.reference, move.disturbance)}`;
        return `openIncident ${(await tried(world, openIncident(world), move.disturbance)) ?? ''}`;
      }
      default: {
        const unknown: never = move;
        throw new Error(`unknown ${String(unknown)}`);
      }
    }
  }

  /** What everybody sees from then on: invariant 6. */
  async #seen(move: Move): Promise<void> {
    if (move.do !== 'customer' && move.do !== 'step') return;
    if (move.do === 'customer' && move.to === 'unnoticed') return;
    const [content] = this.world.contents;
    if (content === undefined || (move.do === 'step' && this.story.length % 3 !== 0)) return;
    await this.#reads(content);
    await this.look();
  }

  async #reads(content: World['contents'][number]): Promise<string> {
    const expected = mayRead(this.world, this.watch.reference, content);
    const code = await read(this.world, content);
    demand(code === expected, `read: ${code ?? 'answered'}, and not ${expected ?? 'answered'}`);
    return code ?? '';
  }

  async #turns({ key, what, to }: Extract<Move, { do: 'customer' }>): Promise<string | null> {
    const { customer, contents } = this.world;
    if (!customer.turn(key, what, to === 'on' ? 'on' : 'off')) return null;
    if (to === 'blink') {
      const [content] = contents;
      if (content !== undefined) await this.#reads(content);
      customer.turn(key, what, 'on');
    }
    return `${what} ${to} ${key}`;
  }

  async #content(move: Extract<Move, { do: 'content' }>): Promise<string | null> {
    const { world, watch } = this;
    if (move.what === 'decrypt') {
      const content = world.contents[move.which % Math.max(1, world.contents.length)];
      return content === undefined ? null : `decrypt ${await this.#reads(content)}`;
    }
    const expected = refusalOf(world, watch.reference, watch.reference.currentVersion);
    const code = await write(world, `content ${world.contents.length}`);
    demand(code === expected, `write: ${code ?? 'answered'}, and not ${expected ?? 'answered'}`);
    return `encrypt ${code ?? ''}`;
  }

  #run(who: number): Run | null {
    return this.runs.at(-1 - who) ?? null;
  }

  async #begin(process: Process, ask: Asked): Promise<Run | null> {
    const claimant = `run-${this.world.uuid()}`;
    try {
      const standing = await this.world.within(() => process.claim(this.world, claimant, ask));
      const run = newRun(process.kind, claimant, standing);
      this.runs.push(run);
      return run;
    } catch (error) {
      if (!(error instanceof ApplicationFailure) || !error.nonRetryable) throw error;
      return null;
    }
  }

  /** Takes the step of another stage than its operation is at: nothing comes of it but what may be at this one. */
  async #elsewhere(
    run: Run,
    { do: how, stage, holdsLock }: Extract<Move, { do: 'misled' | 'hasty' }>,
  ): Promise<string | null> {
    const { world } = this;
    const standing = how === 'misled' ? { ...run.standing, stage, holdsLock } : run.standing;
    const other = { ...run, done: new Set<string>(), standing };
    try {
      const step = await world.within(() => processOf(run.kind).next(world, other, { stage, holdsLock }));
      if (step === null) return null;
      const code = await carriedOut(world, processOf(run.kind), other, step, null);
      return `${how} ${run.kind} ${step.name} ${code ?? ''}`;
    } catch (error) {
      if (!(error instanceof ApplicationFailure)) throw error;
      return `${how} ${error.type}`;
    }
  }

  async #send(run: Run, step: Step, disturbance: Disturbance | null): Promise<string> {
    const process = processOf(run.kind);
    const code = await carriedOut(this.world, process, run, step, disturbance);
    if (code !== null) await refused(this.world, process, run, code);
    return `${run.kind} ${step.name} ${code ?? ''}`;
  }

  /** What live versions are refused with now. */
  #refusals(): readonly string[] {
    const { reference } = this.watch;
    const codes = [...reference.live.keys()].map((version) => refusalOf(this.world, reference, version));
    return codes.filter((code) => code !== null);
  }
}

/** A run that is started by nobody, for nothing new. */
const NOBODY: Asked = { by: null, newKeyVersion: false };

const MESSAGE: Readonly<Record<Extract<Move, { do: 'message' }>['what'], (world: World, run: Run) => Step>> =
  {
    connect,
    verify,
    plan,
    approve: (world, run) => decide(world, run, 'approve'),
    reject: (world, run) => decide(world, run, 'reject'),
    forge: (world, run) => decide(world, run, 'approve', true),
  };

/** Invariant 4. */
function demandUnchanged(before: Facts | null, after: Facts | null, entries: readonly Entry[]): void {
  const of = (facts: Facts | null) => JSON.stringify([facts?.custody, facts?.envelopes, facts?.versions]);
  const isDryRun = entries.some(({ type }) => type === 'dry-run-recorded');
  if (isDryRun) demand(of(before) === of(after), 'a dry-run changed something');
}

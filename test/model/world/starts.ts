import type { Pool } from 'pg';
import type { OrganizationName } from '../../../domain/ids';
import { write } from '../moves/content';
import { Play } from '../moves/play';
import { activation } from '../runs/activation';
import { connectionChange } from '../runs/connection-change';
import { created } from '../runs/creation';
import { offboarding } from '../runs/offboarding';
import { advance } from '../runs/perform';
import { rotation } from '../runs/rotation';
import { copyOf, newRun, type Process, type Run } from '../runs/run';
import type { MemoryDisk } from './memory-disk';
import type { Rows } from './rows';
import type { World } from './world';

/** A place in the life of an organization where an interleaving may begin. */
export interface Start {
  readonly name: string;
  /** Puts the organization back there. */
  begin(): Promise<Play>;
}

interface Around {
  readonly owner: Pool;
  readonly rows: Rows;
  readonly disk: MemoryDisk;
  readonly world: World;
}

/** Tells one organization's whole story, undisturbed, and keeps the places that are worth beginning at. */
export class Telling {
  readonly starts: Start[] = [];
  readonly runs: Run[] = [];

  constructor(private readonly around: Around) {}

  async keep(name: string): Promise<void> {
    const { owner, rows, disk, world } = this.around;
    await world.quiet();
    const outside = world.kept();
    const signer = disk.kept(world.id);
    const database = await rows.keep(world.id, `${world.name} ${name}`);
    const runs = this.runs.map(copyOf);
    const begin = async () => {
      await database();
      outside();
      signer();
      const play = new Play(owner, world, runs.map(copyOf));
      await play.look();
      return play;
    };
    this.starts.push({ name, begin });
  }

  async begin(process: Process, newKeyVersion = false): Promise<void> {
    const { world } = this.around;
    const claimant = world.uuid();
    const standing = await world.within(() =>
      process.claim(world, claimant, { by: 'support', newKeyVersion }),
    );
    this.runs.push(newRun(process.kind, claimant, standing));
  }

  /** Steps, until one of this name has been taken. */
  async after(process: Process, wanted: string): Promise<void> {
    const run = this.runs.at(-1);
    for (let steps = 0; steps < 60 && run !== undefined; steps += 1) {
      const told = await advance(this.around.world, process, run, null);
      if (told?.name.startsWith(wanted) && told.refused === null) return;
      if (told === null || told.refused !== null)
        throw new Error(`${wanted}: ${JSON.stringify(told)} at ${JSON.stringify(run.standing)}`);
    }
    throw new Error(`${wanted} was never reached`);
  }

  /** Tells it from place to place, and keeps each. */
  async through(process: Process, places: readonly (readonly [step: string, name: string])[]): Promise<void> {
    for (const [step, name] of places) {
      await this.after(process, step);
      await this.keep(name);
    }
  }
}

/** From nothing to customer custody. */
export async function activationStarts(around: Around): Promise<readonly Start[]> {
  const telling = await begun(around);
  await telling.keep('in platform custody');
  await telling.begin(activation);
  await telling.through(activation, [
    ['verifyConnection', 'verified'],
    ['judgeApproval', 'approved'],
    ['mintVersion', 'staged'],
    ['switchCustody', 'switched'],
    ['provePlatformRefuses 2', 'proved dead'],
  ]);
  return telling.starts;
}

/** In customer custody. */
export async function custodyStarts(around: Around): Promise<readonly Start[]> {
  const telling = await active(around);
  await telling.keep('active');
  around.world.customer.rotates('entered');
  await telling.begin(rotation, true);
  await telling.through(rotation, [
    ['launchRotation', 'rotation launched'],
    ['mintNextVersion', 'rotation staged'],
    ['switchRotation', 'rotated'],
  ]);
  return telling.starts;
}

/** From customer custody to another key of the customer's, back to the platform, and to the customer again. */
export async function elsewhereStarts(around: Around): Promise<readonly Start[]> {
  const telling = await active(around);
  await telling.begin(connectionChange);
  await telling.through(connectionChange, [
    ['judgeApproval', 'change approved'],
    ['mintVersion', 'change staged'],
    ['switchCustody', 'connection changed'],
  ]);
  await telling.after(connectionChange, 'eraseFormerEnvelopes');
  await write(around.world, 'under the other key');
  await telling.begin(offboarding);
  await telling.through(offboarding, [
    ['judgeApproval', 'approved by the customer'],
    ['judgeOperatorApproval', 'approved by both'],
    ['stageUnderPlatform 3', 'offboarding staged'],
    ['switchToPlatform', 'offboarded'],
  ]);
  await telling.after(offboarding, 'recordHandoff');
  await write(around.world, 'under the new platform key');
  await telling.begin(activation);
  await telling.through(activation, [['switchCustody', 'switched again']]);
  return telling.starts;
}

async function active(around: Around): Promise<Telling> {
  const telling = await begun(around);
  await telling.begin(activation);
  await telling.after(activation, 'recordHandoff');
  await write(around.world, 'under the customer’s key');
  return telling;
}

async function begun(around: Around): Promise<Telling> {
  await created(around.world);
  await write(around.world, 'under the platform’s key');
  return new Telling(around);
}

export const nameOf = (nth: number) => `model${nth}` as OrganizationName;

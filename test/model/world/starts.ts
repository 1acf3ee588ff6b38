import type { Pool } from 'pg';
import type { OrganizationName } from '../../../domain/ids';
import { write } from '../moves/content';
import { Play } from '../moves/play';
import { activation } from '../runs/activation';
import { created } from '../runs/creation';
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
      if (told === null || told.refused !== null) break;
      if (told.name.startsWith(wanted)) return;
    }
    throw new Error(`${wanted} was never reached: ${JSON.stringify(run?.standing)}`);
  }
}

/** From nothing to customer custody. */
export async function activationStarts(around: Around): Promise<readonly Start[]> {
  const telling = await begun(around);
  await telling.keep('in platform custody');
  await telling.begin(activation);
  for (const [step, place] of [
    ['verifyConnection', 'verified'],
    ['judgeApproval', 'approved'],
    ['mintVersion', 'staged'],
    ['switchCustody', 'switched'],
    ['provePlatformRefuses 2', 'proved dead'],
  ] as const) {
    await telling.after(activation, step);
    await telling.keep(place);
  }
  return telling.starts;
}

/** In customer custody. */
export async function custodyStarts(around: Around): Promise<readonly Start[]> {
  const telling = await begun(around);
  await telling.begin(activation);
  await telling.after(activation, 'recordHandoff');
  await write(around.world, 'under the customer’s key');
  await telling.keep('active');
  around.world.customer.rotates(around.world.name);
  await telling.begin(rotation, true);
  for (const [step, place] of [
    ['launchRotation', 'rotation launched'],
    ['mintNextVersion', 'rotation staged'],
    ['switchRotation', 'rotated'],
  ] as const) {
    await telling.after(rotation, step);
    await telling.keep(place);
  }
  return telling.starts;
}

async function begun(around: Around): Promise<Telling> {
  await created(around.world);
  await write(around.world, 'under the platform’s key');
  return new Telling(around);
}

export const nameOf = (nth: number) => `model${nth}` as OrganizationName;

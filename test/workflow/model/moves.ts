import fc from 'fast-check';
import type { ApprovedKind } from '../../../domain/custody';
import { waitUntil } from '../../../scripts/parts/wait';
import {
  activationId,
  connectionChangeId,
  incidentWorkflowId,
  offboardingId,
  recoverySignals,
  rotationId,
  startRecovery,
  WORKFLOW_TYPES,
} from '../../../workflows/contract';
import { FAULT_KINDS } from '../../fakes/effects';
import { ANN, Offboarding } from '../support/offboarding';
import { startRotating } from '../support/rotation';
import { azureVersionOf, type Story } from '../support/story';
import { goOn, heard, isActive, openOf, operationOf, peopleOf } from './people';

/** Where an interleaving begins. */
const BEGINS = ['created', 'approval', 'live', 'active'] as const;
const RUNS = ['activation', 'rotation', 'incident', 'connection', 'offboarding'] as const;

/** What happens while the workflows run. */
export type Move =
  /** Whoever is awaited does what is awaited of them. */
  | { readonly do: 'go-on' }
  | { readonly do: 'turn'; readonly versions: 'all' | 'oldest'; readonly to: 'disabled' | 'enabled' }
  | { readonly do: 'customer-rotates' }
  /** Content is refused, and the relay tells the recovery. */
  | { readonly do: 'refused' }
  | { readonly do: 'rotate'; readonly newKeyVersion: boolean }
  /** Custody is to go elsewhere. */
  | { readonly do: 'start'; readonly kind: 'change-connection' | 'offboard' }
  /** Whoever started an offboarding approves it as well. */
  | { readonly do: 'approve-own' }
  | { readonly do: 'cancel' }
  | { readonly do: 'withdraw' }
  /** In the Temporal UI. */
  | { readonly do: 'terminate'; readonly what: (typeof RUNS)[number] };

const just = <T extends string>(name: T) => fc.record({ do: fc.constant(name) });
const move: fc.Arbitrary<Move> = fc.oneof(
  { weight: 10, arbitrary: just('go-on') },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('turn' as const),
      versions: fc.constantFrom('all' as const, 'oldest' as const),
      to: fc.constantFrom('disabled' as const, 'enabled' as const),
    }),
  },
  { weight: 1, arbitrary: just('customer-rotates') },
  { weight: 1, arbitrary: just('refused') },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('rotate' as const), newKeyVersion: fc.boolean() }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('start' as const),
      kind: fc.constantFrom('change-connection' as const, 'offboard' as const),
    }),
  },
  { weight: 1, arbitrary: just('approve-own') },
  { weight: 1, arbitrary: just('cancel') },
  { weight: 1, arbitrary: just('withdraw') },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('terminate' as const), what: fc.constantFrom(...RUNS) }),
  },
);
const fault = fc.record({ at: fc.nat({ max: 70 }), kind: fc.constantFrom(...FAULT_KINDS) });

/** With a side effect and a call of an activity that go wrong somewhere. */
export const interleaving = fc.record({
  begins: fc.constantFrom(...BEGINS, 'active' as const),
  fault,
  callFault: fault,
  moves: fc.array(move, { minLength: 8, maxLength: 20, size: 'max' }),
});
export type Interleaving = typeof interleaving extends fc.Arbitrary<infer T> ? T : never;

/** Whether it has come so far. */
export const isAt = (story: Story, begins: (typeof BEGINS)[number]): boolean =>
  begins === 'created' ||
  isActive(story) ||
  (begins !== 'active' && operationOf(story, 'activate')?.stage === begins);

export const turn = (story: Story, versions: 'all' | 'oldest', to: 'disabled' | 'enabled'): void => {
  const { keys } = story.world.customer.ring;
  const all = [...keys.values()];
  for (const key of versions === 'all' ? all : all.slice(0, 1)) key.state = to;
};

export const tell = ({ rig, name }: Story, what: keyof typeof recoverySignals) =>
  rig.client.workflow.signalWithStart(WORKFLOW_TYPES.recoverCustomerKey, {
    ...startRecovery({ organization: name }),
    signal: recoverySignals[what],
  });

export const runIdsOf = (name: string): Readonly<Record<(typeof RUNS)[number], string>> => ({
  activation: activationId(name),
  connection: connectionChangeId(name),
  offboarding: offboardingId(name),
  rotation: rotationId(name),
  incident: incidentWorkflowId(name),
});

export async function play(story: Story, move: Move, signed: Set<string>): Promise<void> {
  const { world, id, name, rig } = story;
  switch (move.do) {
    case 'go-on': {
      const before = story.entries().length;
      await goOn(story, signed);
      await waitUntil(async () => story.entries().length > before, 300, 10);
      return;
    }
    case 'turn':
      return turn(story, move.versions, move.to);
    case 'customer-rotates': {
      const version = world.customer.ring.keys.size + 1;
      world.customer.aliases.set(
        `https://customers.vault.azure.net/keys/smsk-${name}`,
        azureVersionOf(name, version),
      );
      return;
    }
    case 'refused':
      await world.store.incidents.refused('operation', id, 'KEY_DISABLED');
      await tell(story, 'refused');
      return;
    case 'rotate':
      return heard(startRotating(story, { newKeyVersion: move.newKeyVersion }));
    case 'start':
      return heard(peopleOf(story, move.kind).start());
    case 'approve-own':
      return openOf(story)?.kind === 'offboard' && openOf(story)?.dryRunId !== null
        ? heard(new Offboarding(story).operatorApproves({ ...ANN, role: 'approver' }))
        : undefined;
    case 'cancel': {
      const open = openOf(story);
      return open && heard(peopleOf(story, open.kind as ApprovedKind).send('cancel', {}));
    }
    case 'withdraw': {
      const seq = world.store.rows(id).orders.length + 1;
      await world.store.giveOrder(id, { seq, exp: 4_102_444_800, kind: 'withdrawal' });
      return;
    }
    case 'terminate':
      return heard(rig.client.workflow.getHandle(runIdsOf(name)[move.what]).terminate('by hand'));
    default: {
      const unknown: never = move;
      throw new Error(`unknown ${String(unknown)}`);
    }
  }
}

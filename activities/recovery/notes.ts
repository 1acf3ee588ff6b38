import type { ChangeOf } from '../../domain/change';
import { Refusal } from '../../domain/failure';
import { type IncidentAction, incidentMessages } from '../../domain/incident';
import type { CustodyDeps } from '../deps';
import { carryOutAs, type Sent } from '../sender';
import type { By } from '../step';
import type { Recovering } from './prove';

type Deps = Pick<CustodyDeps, 'store' | 'authority'>;
type Note = ChangeOf<'incident-acknowledged' | 'incident-annotated'>;

/** A message to a recovery, as it came. */
export interface Said extends Recovering {
  readonly action: IncidentAction;
  readonly sent: Sent;
}

/**
 * Judges who says it, and puts it on record: that somebody takes the incident on, or what they have to say about it.
 * To ask for a probe leaves nothing: its outcome does.
 * @throws Refusal ACTOR_INVALID, FORBIDDEN, INPUT_INVALID, INCIDENT_UNKNOWN
 */
export async function hearIncidentMessage(deps: Deps, said: Said): Promise<void> {
  const { incident, action, sent } = said;
  const organization = await deps.store.organizationByName(said.organization);
  if (organization === null) throw new Refusal('ORGANIZATION_UNKNOWN');
  const about = { organization, operationId: null, sent };
  const record = ({ actor, name }: By, change: Note) =>
    deps.store.commit({
      idempotencyKey: `incident/${incident}/${name}`,
      actor,
      fence: null,
      organization: organization.id,
      change,
    });
  switch (action) {
    case 'probeNow':
      return carryOutAs(deps, about, action, incidentMessages.probeNow, 'incident', async () => undefined);
    case 'acknowledge':
      return carryOutAs(
        deps,
        about,
        action,
        incidentMessages.acknowledge,
        'incident',
        async ({ note }, by) => {
          await record(by, { type: 'incident-acknowledged', incident, note: note ?? null });
        },
      );
    case 'annotate':
      return carryOutAs(deps, about, action, incidentMessages.annotate, 'incident', async ({ note }, by) => {
        await record(by, { type: 'incident-annotated', incident, note });
      });
    default: {
      const unknown: never = action;
      throw new Error(`unknown action ${String(unknown)}`);
    }
  }
}

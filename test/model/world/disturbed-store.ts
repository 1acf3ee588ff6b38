import type { Store } from '../../../store';
import type { Turmoil } from './turmoil';

/** A store whose transactions are side effects: one can be lost, or its answer, or hang before it begins. */
export const disturbedStore = (store: Store, turmoil: Turmoil): Store => ({
  ...store,
  commit: (request) => turmoil.run(`commit ${request.change.type}`, () => store.commit(request)),
  claim: (request) => turmoil.run('claim', () => store.claim(request)),
  createOrganization: (request) => turmoil.run('create', () => store.createOrganization(request)),
  recordRefusal: (request) => turmoil.run('record-refusal', () => store.recordRefusal(request)),
  recordIncidents: (...which) => turmoil.run('record-incidents', () => store.recordIncidents(...which)),
  probeRefused: (...what) => turmoil.run('probe-refused', () => store.probeRefused(...what)),
  closeIncident: (...which) => turmoil.run('close-incident', () => store.closeIncident(...which)),
});

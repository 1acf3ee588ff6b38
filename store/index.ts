import { Refusal } from '../domain/failure';
import type { OrganizationId } from '../domain/ids';
import type { Signer } from '../domain/ports/signer';
import { commit } from './commit/commit';
import { recordContentRefusals } from './content/content-refusals';
import { recordIncidents } from './content/incident-entries';
import { findIncidentHealth } from './content/incident-health';
import { closeIncident, findTold, findUntold, setTold, setUntold } from './content/incident-recovery';
import { Incidents } from './content/incidents';
import { readSnapshot } from './content/snapshot';
import { insertUsage, rollUp } from './content/usage';
import { type Except, SEALING_RULE, type Store, type StoreOptions } from './contract';
import { openDatabase, type Transactions } from './database';
import { driftRecords } from './drift';
import { findLatestCheckpoint, proofSince, publishHead } from './ledger/checkpoint';
import { databaseTime } from './ledger/head';
import { HeldLedger } from './ledger/held-ledger';
import { Publisher } from './ledger/publisher';
import type { Logger } from './logger';
import { claimIn } from './operations/claim';
import { createOrganizationIn } from './operations/create-organization';
import { findApprovals, findApproverKeys, findEnrolments } from './queries/approvals';
import { findUnexplained } from './queries/audit';
import { findCanary } from './queries/canary';
import { findPushes, recordPush } from './queries/checkpoint-pushes';
import { findConnection } from './queries/connection';
import { findDryRun } from './queries/dry-run';
import {
  findLiveEnvelopes,
  findPlatformEnvelopes,
  findStagedEnvelopes,
  findSupersededEnvelopes,
} from './queries/envelopes';
import { findIncident, findIncidents, findOpenIncident } from './queries/incident';
import { findOpenIntakeIncidents } from './queries/intake-incidents';
import { findKeys } from './queries/keys';
import {
  findHead,
  findHeads,
  findLeafHashes,
  findLines,
  findStatements,
  findUnsigned,
  hasEntry,
} from './queries/ledger';
import { noticeRecords } from './queries/notices';
import { findOperatorApproval, findSpareLeft, wasLaunched } from './queries/offboarding';
import { findOpenOperations } from './queries/open-operations';
import { findOperation } from './queries/operation';
import { findLatestOrder, findOrders } from './queries/orders';
import {
  findInCustomerCustody,
  findOrganization,
  findOrganizations,
  findWithReferences,
} from './queries/organizations';
import { readPlanFacts } from './queries/plan-facts';
import { findCustodyStatement, findPlatformKey } from './queries/platform-key';
import { findBeyondHead, findSignedStatements, findTexts } from './queries/publishable';
import { findLocators, findUsableReference } from './queries/references';
import { findRotation } from './queries/rotation';
import { findRotationsDue } from './queries/rotations-due';
import { sealingProof } from './queries/sealing-proof';
import { readStatus } from './queries/status';
import { findToken, insertToken, revoke } from './queries/tokens';
import { findUsageRows } from './queries/usage-rows';
import { flushRefusalsIn, organizationsWithRefusals, recordRefusalIn } from './refusals';
import { restoreLedger } from './restore/restore';
import { findRefused } from './spent-tokens';
import { atDatabaseEdge } from './unavailable';

export * from './contract';
export type { Transactions } from './database';
export type { Logger } from './logger';
export { NotRestorable } from './restore/not-restorable';

const NOBODY: Except = new Set();

/**
 * The store over PostgreSQL. Connects at the first query.
 * @param around puts something around the transaction boundary: tests lose a transaction there, or its answer
 */
export function createStore(
  options: StoreOptions,
  signer: Signer,
  logger: Logger,
  around: (transactions: Transactions) => Transactions = (transactions) => transactions,
): Store {
  const opened = openDatabase(options.url, logger);
  const database = { ...opened, transactions: around(opened.transactions) };
  const { prisma, pool, transactions } = database;
  const { deployment, random, sealing = SEALING_RULE, publication = null } = options;
  const incidents = new Incidents(pool);
  const held = new HeldLedger(signer, deployment);
  const publisher = publication === null ? null : new Publisher(publication, logger);
  const said = (organization: OrganizationId) => held.said(prisma, organization);
  return atDatabaseEdge<Store>({
    commit: (request) => commit({ database, signer, deployment, sealing, held }, request),

    createOrganization: (request) => transactions.write((tx) => createOrganizationIn(tx, options, request)),
    claim: (request) => transactions.write((tx) => claimIn(tx, random, request)),
    operation: (organization, id) => findOperation(prisma, organization, id),

    organizationByName: (name) => findOrganization(prisma, name),
    organizations: () => findOrganizations(prisma),
    organizationsWithReferences: () => findWithReferences(prisma),
    inCustomerCustody: (after, limit) => findInCustomerCustody(prisma, after, limit),
    isOnRecord: (organization, key) => hasEntry(prisma, organization, key),
    status: (name) => transactions.read((tx) => readStatus(tx, name)),

    async latestOrder(organization) {
      const order = await findLatestOrder(prisma, organization, await said(organization));
      return order === null ? null : { jws: order.jws, seq: order.seq, kind: order.kind };
    },
    orders: async (organization) => findOrders(prisma, organization, await said(organization)),
    approverKeys: async (organization) => findApproverKeys(prisma, organization, await said(organization)),
    enrolments: (organization) => findEnrolments(prisma, organization),
    approvals: (organization) => findApprovals(prisma, organization),
    statements: (organization) => findStatements(prisma, organization),
    connection: (id) => findConnection(prisma, id),
    references: async (organization) => (await said(organization)).references,
    locators: async (organization) =>
      findLocators(prisma, organization, (await said(organization)).references),
    usableReference: async (organization, name) =>
      findUsableReference(prisma, organization, name, (await said(organization)).references),
    dryRun: (operationId, which) => findDryRun(prisma, operationId, which),

    async planFacts(operationId) {
      const operation = await prisma.operation.findUnique({ where: { id: operationId } });
      if (operation === null) throw new Refusal('OPERATION_UNKNOWN');
      // Before the snapshot, which then holds every line of it.
      const head = await held.head(operation.organizationId as OrganizationId);
      return transactions.read((tx) =>
        readPlanFacts(tx, operationId, deployment, (organization) => held.said(tx, organization, { head })),
      );
    },
    liveEnvelopes: (organization) => findLiveEnvelopes(prisma, organization),
    platformEnvelopes: (organization) => findPlatformEnvelopes(prisma, organization),
    stagedEnvelopes: (operationId) => findStagedEnvelopes(prisma, operationId),
    operatorApproval: (dryRunId) => findOperatorApproval(prisma, dryRunId),
    wasLaunched: (organization, operationId) => wasLaunched(prisma, organization, operationId),
    spareLeft: (organization, operationId) => findSpareLeft(prisma, organization, operationId),
    async platformKey(organization) {
      const key = await findPlatformKey(prisma, organization);
      if (key === null) return null;
      return { keyRef: key.keyRef, custodyStatement: await findCustodyStatement(prisma, organization) };
    },
    supersededEnvelopes: (organization) => findSupersededEnvelopes(prisma, organization),
    rotation: (organization, operationId) => findRotation(prisma, organization, operationId),
    rotationsDue: (rule, only) => findRotationsDue(prisma, rule, only),
    keys: (organization) => transactions.read((tx) => findKeys(tx, organization)),
    canary: (organization) => findCanary(prisma, organization),

    recordRefusal: (refusal) => transactions.write((tx) => recordRefusalIn(tx, refusal)),
    refusedWith: (organization, jti) => findRefused(prisma, organization, jti),
    sealingProof: (organization, operationId) => sealingProof(prisma, { organization, operationId }, sealing),
    async flushRefusals(except = NOBODY) {
      const now = await databaseTime(prisma);
      let written = 0;
      for (const organization of await organizationsWithRefusals(prisma)) {
        if (except.has(organization)) continue;
        written += await transactions.write((tx) => flushRefusalsIn(tx, organization, now));
      }
      return written + (await recordContentRefusals(database, except));
    },
    recordIncidents: (ownerOf, only, except = NOBODY) =>
      recordIncidents(database, ownerOf, { only: only ?? null, except }),
    probeRefused: (organization, code, requestId) =>
      incidents.refused('probe', organization, code, requestId),
    openIncident: (organization) => findOpenIncident(prisma, organization),
    incident: (organization, id) => findIncident(prisma, organization, id),
    incidents: (organization, limit) => findIncidents(prisma, organization, limit),
    closeIncident: (organization, id, since, proof) =>
      closeIncident(prisma, { organization, id }, since, proof),
    untoldIncidents: (limit) => findUntold(prisma, limit),
    incidentTold: (id, at) => setTold(prisma, id, at),
    toldIncidents: (agoMs) => findTold(prisma, agoMs),
    openOperations: () => findOpenOperations(prisma),
    incidentAbandoned: (id) => setUntold(prisma, id),
    incidentHealth: () => findIncidentHealth(pool),
    openIntakeIncidents: () => findOpenIntakeIncidents(prisma),
    usageRows: (organization, part) => findUsageRows(prisma, organization, part),
    rollUpUsage: (before, except = NOBODY) => rollUp(database, before, except),

    async ledgerHead(organization) {
      const { size, root } = await findHead(prisma, organization);
      return { size, root };
    },
    ledgerHeads: (organizations) => findHeads(prisma, organizations),
    unsignedLedgers: () => findUnsigned(prisma),
    ledgerLines: (organization, from, limit) => findLines(prisma, organization, from, limit),
    leafHashes: (organization) => findLeafHashes(prisma, organization, 0),
    proofSince: (organization, size, to) => proofSince(prisma, organization, size, to),
    latestCheckpoint: (organization) => findLatestCheckpoint(prisma, organization),
    publishCheckpoint: (organization) => publishHead(prisma, signer, deployment, organization, publisher),

    restoreLedger: (published, statements) => restoreLedger({ database, deployment, statements }, published),
    ledgerTexts: (organization, from, to) => findTexts(prisma, organization, from, to),
    signedStatements: (organization, from) => findSignedStatements(prisma, organization, from),
    entryBeyondHead: (organization) => findBeyondHead(prisma, organization),
    checkpointPushes: (organization) => findPushes(prisma, organization),
    recordCheckpointPush: (organization, endpoint, push) => recordPush(prisma, organization, endpoint, push),

    tokenBySha256: (sha256) => findToken(prisma, sha256),
    addToken: (token) => insertToken(prisma, token),
    revokeToken: (sha256) => revoke(prisma, sha256),

    auditRows: (only) => findUnexplained(prisma, only ?? null),

    ...noticeRecords(prisma),
    ...driftRecords(database),

    snapshot: (organization, versions) => readSnapshot(pool, organization, versions),
    usage: (records) => insertUsage(pool, records),
    refused: (organization, code, requestId) => incidents.refused('operation', organization, code, requestId),
    answered: (organization) => incidents.answered(organization),

    now: () => databaseTime(prisma),
    async ping() {
      await pool.query('SELECT 1');
    },
    close: () => database.close(),
  });
}

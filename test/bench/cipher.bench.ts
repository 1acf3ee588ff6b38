/**
 * Content operations of 1 KiB per second, encryptions and decryptions in turn, beside the AWS Encryption SDK for
 * JavaScript on the same emulated key, 10 ms away: uncached (a call for each operation, as safe as ours) with its
 * default suite, which signs, and with its unsigned committing suite; and with its caching materials manager and
 * no limit but age, which is as fast as it goes and goes on working after the key is disabled, for as long as the
 * last line says. Ours reads custody from durable PostgreSQL for each group and records each call there; the
 * reference has no database. All of them run in turn in each round, in one process; ratios are by round.
 */
import { AlgorithmSuiteIdentifier } from '@aws-crypto/client-node';
import { awsSide } from './cipher/aws-side';
import { azureSide } from './cipher/azure-side';
import { type Contestant, encryptionSdk, kmsClients, ours } from './cipher/contestant';
import { operationsPerSecond, revocationWindowMs } from './cipher/load';
import { vaultEnvelope } from './cipher/vault-envelope';
import { type CipherBenchWorld, withCipherWorld } from './cipher/world';
import { comparePairs, median } from './pairs';
import type { BenchResult } from './result';

const ROUNDS = 5;
const CONCURRENCIES = [1, 16, 256] as const;
/** What is asked for at the highest concurrency, with shared calls. */
const JUDGED_AT = 256;
const SIGNED = AlgorithmSuiteIdentifier.ALG_AES256_GCM_IV12_TAG16_HKDF_SHA512_COMMIT_KEY_ECDSA_P384;
const UNSIGNED = AlgorithmSuiteIdentifier.ALG_AES256_GCM_IV12_TAG16_HKDF_SHA512_COMMIT_KEY;
/** As AWS's own examples have it. */
const CACHE_MS = 60_000;
/** In the measurement of the window alone, which is as long as this. */
const SHORT_CACHE_MS = 2_000;

const OURS = { 'coalesce on': 'on', 'coalesce off': 'off' } as const;
const REFERENCES = {
  'SDK uncached, signed suite': { suite: SIGNED, cacheMs: null, target: 20 },
  'SDK uncached, unsigned suite': { suite: UNSIGNED, cacheMs: null, target: 5 },
  'SDK cached, signed suite': { suite: SIGNED, cacheMs: CACHE_MS, target: 1 },
  'SDK cached, unsigned suite': { suite: UNSIGNED, cacheMs: CACHE_MS, target: 1 },
} as const;

export function awsCipherBench(): Promise<BenchResult[]> {
  return withCipherWorld(awsSide, async (world) => {
    const { endpoint, region, credentials, keyRef: keyArn } = world.side;
    const { kms, close } = kmsClients(endpoint, region, credentials);
    try {
      const contestants = new Map<string, Contestant>();
      for (const [name, coalesce] of Object.entries(OURS)) {
        contestants.set(name, ours(world.cipher(coalesce), world.side.organization));
      }
      for (const [name, { suite, cacheMs }] of Object.entries(REFERENCES)) {
        contestants.set(name, encryptionSdk({ kms, keyArn, suite, cacheMs }));
      }
      const results: BenchResult[] = [];
      for (const concurrency of CONCURRENCIES) {
        results.push(...linesOf('AWS', REFERENCES, concurrency, await ratesOf(contestants, concurrency)));
      }
      const short = encryptionSdk({ kms, keyArn, suite: UNSIGNED, cacheMs: SHORT_CACHE_MS });
      results.push(await windowLine('AWS', 'SDK', world, short));
      return results;
    } finally {
      close();
    }
  });
}

export function azureCipherBench(): Promise<BenchResult[]> {
  return withCipherWorld(azureSide, async (world) => {
    const { keys } = world.side;
    const contestants = new Map<string, Contestant>();
    for (const [name, coalesce] of Object.entries(OURS)) {
      contestants.set(name, ours(world.cipher(coalesce), world.side.organization));
    }
    for (const [name, { cacheMs }] of Object.entries(AZURE_REFERENCES)) {
      contestants.set(name, vaultEnvelope({ keys, cacheMs }));
    }
    const results: BenchResult[] = [];
    for (const concurrency of CONCURRENCIES) {
      const rates = await ratesOf(contestants, concurrency);
      results.push(...linesOf('Azure', AZURE_REFERENCES, concurrency, rates));
    }
    const short = vaultEnvelope({ keys, cacheMs: SHORT_CACHE_MS });
    results.push(await windowLine('Azure', 'envelopes', world, short));
    return results;
  });
}

/** Azure has no encryption SDK: bare envelopes by its `CryptographyClient`. */
const AZURE_REFERENCES = {
  'envelopes uncached': { cacheMs: null, target: 5 },
  'envelopes cached': { cacheMs: CACHE_MS, target: 0 },
} as const;

/** Operations per second of each contestant in each round; who goes first rotates. */
async function ratesOf(
  contestants: ReadonlyMap<string, Contestant>,
  concurrency: number,
): Promise<ReadonlyMap<string, readonly number[]>> {
  const rates = new Map<string, number[]>([...contestants.keys()].map((name) => [name, []]));
  const turns = [...contestants];
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, contestant] of turns) {
      rates.get(name)?.push(await operationsPerSecond(contestant, concurrency));
    }
    const first = turns.shift();
    if (first !== undefined) turns.push(first);
  }
  return rates;
}

function linesOf(
  cloud: string,
  references: Readonly<Record<string, { readonly target: number }>>,
  concurrency: number,
  rates: ReadonlyMap<string, readonly number[]>,
): BenchResult[] {
  return Object.keys(OURS).flatMap((mine) =>
    Object.entries(references).map(([theirs, { target }]) => {
      const [value, reference] = [rates.get(mine) ?? [], rates.get(theirs) ?? []];
      const ratios = value.map((rate, round) => rate / (reference[round] ?? Number.NaN));
      const isJudged = concurrency === JUDGED_AT && OURS[mine as keyof typeof OURS] === 'on';
      const ratio = median(ratios);
      return {
        name: `cipher, ${cloud}, ${concurrency} at a time, ${mine}, beside ${theirs}`,
        value: median(value),
        unit: 'operations/s',
        reference: median(reference),
        ratio,
        target: isJudged ? target : 0,
        ok: !isJudged || (target === 1 ? ratio > 1 : ratio >= target),
        spread: [Math.min(...ratios), Math.max(...ratios)] as const,
      };
    }),
  );
}

/** Ours beside the caching manager: what an operation that begins after the disable's answer may still do. */
function windowLine(
  cloud: string,
  reference: string,
  world: CipherBenchWorld,
  cached: Contestant,
): Promise<BenchResult> {
  const mine = ours(world.cipher('on'), world.side.organization);
  const window = (contestant: Contestant) => async () => {
    await world.side.enableKey();
    return revocationWindowMs(contestant, () => world.side.disableKey());
  };
  return comparePairs(
    {
      name: `revocation window, ${cloud}, beside ${reference} with a cache of ${SHORT_CACHE_MS / 1000} s`,
      unit: 'ms after the disable’s answer',
      pairs: 3,
      bound: 'at-most',
      target: 0.001,
    },
    window(mine),
    window(cached),
  );
}

import type { Client } from '../../api/client';
import type { Advice } from './customer';

/** What `smsk connection policy` answers the organization's admin. */
export const adviceFor = (admin: Client, org: string): Advice => ({
  aws: ({ key, roleArn }) => admin.connectionPolicy(org, key, roleArn),
  azureKeyName: () => Promise.reject(new Error('the API doesn’t know Azure yet')),
  azure: () => Promise.reject(new Error('the API doesn’t know Azure yet')),
});

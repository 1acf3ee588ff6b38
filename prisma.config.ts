import { defineConfig } from 'prisma/config';

// For Prisma's own command line (`prisma migrate deploy`, `prisma studio`); our scripts don't need it.
export default defineConfig({
  schema: 'prisma/schema.prisma',
  migrations: { path: 'prisma/migrations' },
  datasource: { url: process.env['DATABASE_URL'] ?? '' },
});

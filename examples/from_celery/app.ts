/**
 * The app of the shop: what was `shop/celery.py`, and the settings that Django
 * had as `CELERY_…`.
 *
 * @module
 */

import { Lovage } from "@lovage/lovage";

export const app = new Lovage("shop", {
  taskRoutes: {
    "orders.*": { queue: "orders" },
    "reports.*": { queue: "reports", priority: 6 },
  },
  taskQueues: ["default", "orders", "reports"],
  taskTimeLimit: "60s",
  resultExpires: "7d",
  timezone: "Europe/Berlin",
});

// LOVAGE_BROKER_URL and the like, as the namespace "CELERY" of Django's
// settings; without them tasks wait in ./lovage.db.
app.configFromEnv();

// The build puts `built` before this: the files of the page, and what they are a version of.
const own = `weld-${built.version}`;
const compiler = `weld-clang-${built.compiler}`; // large, and seldom another one

self.addEventListener('install', (event) => {
  event.waitUntil(
    caches
      .open(own)
      .then((cache) => cache.addAll(built.files))
      .then(() => self.skipWaiting()),
  );
});

self.addEventListener('activate', (event) => {
  const forget = async () => {
    for (const name of await caches.keys())
      if (name.startsWith('weld-') && name !== own && name !== compiler) await caches.delete(name);
    await self.clients.claim();
  };
  event.waitUntil(forget());
});

// The page says when there is time for it.
self.addEventListener('message', (event) => {
  if (event.data !== 'keep the rest') return;
  const keepRest = async () => {
    const cache = await caches.open(own);
    for (const name of built.later) if (!(await cache.match(name, anyOrigin))) await cache.add(name);
  };
  event.waitUntil(keepRest().catch(() => {})); // no room or no network: at the next visit
});

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const scope = self.registration.scope;
  if (request.method !== 'GET' || !request.url.startsWith(scope)) return;
  // A page of its own, which is not kept.
  if (request.url.startsWith(`${scope}tiny/`)) return;
  if (request.mode === 'navigate') event.respondWith(fetch(request).catch(() => page(scope)));
  else event.respondWith(kept(request, request.url.startsWith(`${scope}clang/`) ? compiler : own));
});

// Files are the same for everybody, also from a host that says `Vary: Origin`: module scripts are asked for with an origin, and
// what the worker adds by itself is not.
const anyOrigin = { ignoreVary: true };

async function page(scope) {
  return (await (await caches.open(own)).match(scope, anyOrigin)) ?? Response.error();
}

async function kept(request, name) {
  const cache = await caches.open(name);
  const known = await cache.match(request, anyOrigin);
  if (known) return known;
  const response = await fetch(request);
  if (response.ok) {
    const copy = response.clone();
    cache.put(request, copy).catch(() => {}); // no room: the network is asked again
  }
  return response;
}

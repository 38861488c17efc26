// Requests to the server this page came from, with the key that was entered here, if any.

const stored = "fovea-key";

export const hasKey = () => sessionStorage.getItem(stored) !== null;
export const setKey = (key) => sessionStorage.setItem(stored, key);

export function call(path, options = {}) {
  const key = sessionStorage.getItem(stored);
  const headers = { ...options.headers, ...(key ? { Authorization: `Bearer ${key}` } : {}) };
  // Not with cache: "no-store", which asks the server not to use its own caches either.
  return fetch(path, { ...options, headers });
}

// What a refusal says, in the server's words.
export async function refusalOf(response) {
  try {
    return (await response.json()).error.message;
  } catch {
    return `The server answered ${response.status} without saying why.`;
  }
}

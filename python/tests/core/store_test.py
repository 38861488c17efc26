# SPDX-License-Identifier: Apache-2.0

"""fovea.Store in memory: its suite, its namespaces and tenants. tiers_test.py has the tiers."""

import unittest

import fovea
from cache_suite import CacheSuite, key


class StoreTest(CacheSuite, unittest.TestCase):
    def make(self, size, **settings):
        return fovea.Store(size, **settings)

    def test_tenants_find_nothing_of_each_other(self):
        one, two = self.cache.scoped("one"), self.cache.scoped("two")
        for view, value in ((self.cache, b"all"), (one, b"1"), (two, b"2")):
            view[key(1)] = value
        self.assertEqual([self.cache[key(1)], one[key(1)], two[key(1)]], [b"all", b"1", b"2"])
        one[key(2)] = b"x"
        self.assertNotIn(key(2), two)
        self.assertNotIn(key(2), self.cache)
        self.assertEqual(set(one), {key(1), key(2)})
        self.assertEqual(len(two), 1)
        self.assertEqual(self.cache.scoped("one")[key(2)], b"x")
        one.purge()
        self.assertEqual((len(one), len(two), len(self.cache)), (0, 1, 1))
        self.cache.purge()
        self.assertEqual((len(two), len(self.cache)), (0, 0))
        with self.assertRaises(fovea.InvalidError):
            one.scoped("three")

    def test_a_key_made_for_anothers_place_finds_nothing(self):
        one, two = self.cache.scoped("one"), self.cache.scoped("two")
        one[key(1)] = b"secret"
        # Whoever knew both scopes could name the place, and would still not be given what is for the other.
        probe = self.cache.scoped("two")
        for bit in range(0, 256, 51):
            changed = bytearray(bytes(key(1)))
            changed[bit // 8] ^= 1 << (bit % 8)
            self.assertIsNone(probe.get(bytes(changed)))
        self.assertEqual(one[key(1)], b"secret")
        self.assertIsNone(two.get(key(1)))

    def test_closing(self):
        with fovea.Store("1MiB") as store:
            store[key(1)] = b"1"
            value = store[key(1)]
            tenant = store.scoped("one")
            tenant.close()
            store[key(2)] = b"2"  # a view does not close what it is of
        self.assertEqual(value, b"1")
        self.assertEqual(repr(store), "<fovea.Store, closed>")
        for closed in (store, tenant):
            with self.assertRaisesRegex(ValueError, "the store is closed"):
                closed.get(key(1))
        store.close()

    def test_there_is_nothing_to_flush(self):
        self.assertTrue(self.cache.flush())
        self.assertEqual(self.cache.stats().tiers, [])
        with self.assertRaises(ValueError):
            self.cache.flush(-1)

    def test_wrong_arguments_are_named(self):
        for wrong, error in (({"disk": "a\0b"}, ValueError), ({"disk": __file__}, ValueError), ({"disk": 3}, TypeError),
                             ({"shared": 3}, TypeError), ({"namespace": 3}, TypeError)):
            with self.assertRaises(error, msg=wrong):
                fovea.Store("1MiB", **wrong)

    def test_settings_that_are_for_nothing_are_refused(self):
        for wrong in ({"shared_password_file": "x"}, {"fleet_key_file": "x"}, {"shared": "http://host"}, {"disk": ""}):
            with self.assertRaises(fovea.FoveaError, msg=wrong) as raised:
                fovea.Store("1MiB", **wrong)
            self.assertIn(next(iter(wrong)), str(raised.exception))


if __name__ == "__main__":
    unittest.main()

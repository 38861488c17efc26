"""Videos over HTTP: every form of a part, in chat completions and in responses, whole and as a stream, by data: URL, by an
uploaded file, and by address; what is refused, and in which words. The clips are those of the fuzz target's corpus, and
one that is written here: an AVI of pictures of its own."""

import base64
import json
import struct
import unittest

from http_server_test import SAMPLES, Server, sample

CORPUS = SAMPLES.parent / "fuzz/corpus/video"
BOUNDARY = "a-line-between"


def clip(name):
    return (CORPUS / name).read_bytes()


def data_url(content, media_type="video/mp4"):
    return f"data:{media_type};base64,{base64.b64encode(content).decode()}"


def jpegs_of(avi):
    """The pictures of an MJPEG AVI, in their order."""
    at, pictures = avi.index(b"movi") + 4, []
    while avi[at:at + 4] == b"00dc":
        size, = struct.unpack("<I", avi[at + 4:at + 8])
        pictures.append(avi[at + 8:at + 8 + size])
        at += 8 + size + size % 2
    return pictures


def chunk(name, content):
    return name + struct.pack("<I", len(content)) + content + b"\0" * (len(content) % 2)


def avi_of(jpegs, width, height, fps):
    """An MJPEG AVI of these pictures, written by hand."""
    main = struct.pack("<14I", 1_000_000 // fps, 0, 0, 0x10, len(jpegs), 0, 1, 0, width, height, 0, 0, 0, 0)
    stream = struct.pack("<4s4sIHHIIIIIIII4h", b"vids", b"MJPG", 0, 0, 0, 0, 1, fps, 0, len(jpegs), 0, 0xFFFFFFFF, 0, 0, 0,
                         width, height)
    bitmap = struct.pack("<IiiHH4sIiiII", 40, width, height, 1, 24, b"MJPG", width * height * 3, 0, 0, 0, 0)
    headers = chunk(b"LIST", b"hdrl" + chunk(b"avih", main)
                    + chunk(b"LIST", b"strl" + chunk(b"strh", stream) + chunk(b"strf", bitmap)))
    movie = chunk(b"LIST", b"movi" + b"".join(chunk(b"00dc", jpeg) for jpeg in jpegs))
    return chunk(b"RIFF", b"AVI " + headers + movie)


# Four frames, two a second.
PICTURES = jpegs_of(clip("ok_mjpeg.avi"))
TWO_SECONDS = avi_of(PICTURES, 64, 48, 2)


class Video(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Server("--image-hosts", "127.0.0.1", "--ctx-size", "8192").__enter__()

    @classmethod
    def tearDownClass(cls):
        cls.server.__exit__(None, None, None)

    def post(self, path, body, headers=None):
        status, head, reply = self.server.request("POST", path, json.dumps(body), headers)
        return status, head, reply

    def chat(self, part, **fields):
        content = [part, {"type": "text", "text": "What moves?"}]
        body = {"temperature": 0, "max_tokens": 8, "messages": [{"role": "user", "content": content}], **fields}
        return self.post("/v1/chat/completions", body)

    def answered(self, part):
        """The keys of the frames."""
        status, head, reply = self.chat(part)
        self.assertEqual(status, 200, reply)
        return keys_in(head)

    def refused(self, part):
        status, _, reply = self.chat(part)
        return status, json.loads(reply)["error"]


def keys_in(head):
    return [key.strip() for key in head["Fovea-Image-Keys"].split(",")]


def video_url(content, **fields):
    return {"type": "video_url", "video_url": {"url": data_url(content), **fields}}


class Forms(Video):
    def test_every_form_is_the_same_frames(self):
        raw = base64.b64encode(TWO_SECONDS).decode()
        keys = self.answered(video_url(TWO_SECONDS))
        self.assertEqual((len(keys), len(set(keys))), (4, 4))
        for part in ({"type": "video_url", "video_url": data_url(TWO_SECONDS, "video/x-msvideo")},
                     {"type": "input_video", "input_video": {"data": raw}},
                     {"type": "input_video", "input_video": {"url": data_url(TWO_SECONDS)}},
                     {"type": "video", "video": data_url(TWO_SECONDS)}):
            self.assertEqual(self.answered(part), keys, part["type"])

    def test_lists_of_frames(self):
        urls = [data_url(jpeg, "image/jpeg") for jpeg in PICTURES]
        keys = self.answered({"type": "video", "video": urls})
        self.assertEqual((len(keys), len(set(keys))), (4, 4))
        joined = "data:video/jpeg;base64," + ",".join(base64.b64encode(jpeg).decode() for jpeg in PICTURES)
        self.assertEqual(self.answered({"type": "video_url", "video_url": {"url": joined}}), keys)

    def test_which_frames_are_taken(self):
        keys = self.answered(video_url(TWO_SECONDS))
        self.assertEqual(self.answered(video_url(TWO_SECONDS, num_frames=2)), [keys[0], keys[3]])
        self.assertEqual(self.answered(video_url(TWO_SECONDS, fps=1)), [keys[0], keys[2]])
        self.assertEqual(self.answered(video_url(TWO_SECONDS, fps=0.1)), [keys[0]])
        self.assertEqual(self.answered(video_url(TWO_SECONDS, fps=30)), keys)

    def test_every_container_and_codec(self):
        for file in sorted(CORPUS.glob("ok_*")):
            with self.subTest(file.name):
                self.assertGreaterEqual(len(self.answered(video_url(file.read_bytes(), fps=100))), 1)

    def test_an_uploaded_video_by_its_id(self):
        parts = (b"--%b\r\nContent-Disposition: form-data; name=\"purpose\"\r\n\r\nvision\r\n"
                 b"--%b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.avi\"\r\n\r\n%b\r\n--%b--\r\n")
        line = BOUNDARY.encode()
        form = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
        status, _, reply = self.server.request("POST", "/v1/files", parts % (line, line, TWO_SECONDS, line), form)
        self.assertEqual(status, 200, reply)
        file = json.loads(reply)["id"]
        keys = self.answered(video_url(TWO_SECONDS))
        self.assertEqual(self.answered({"type": "video_url", "video_url": {"file_id": file}}), keys)
        self.assertEqual(self.answered({"type": "input_video", "input_video": {"file_id": file}}), keys)
        status, error = self.refused({"type": "file", "file": {"file_id": file}})
        self.assertEqual(status, 400, error)
        status, _, reply = self.server.request("POST", "/v1/files", parts % (line, line, TWO_SECONDS[:900], line), form)
        self.assertEqual(status, 400, reply)

    def test_streams_and_responses(self):
        keys = self.answered(video_url(TWO_SECONDS))
        status, head, reply = self.chat(video_url(TWO_SECONDS), stream=True)
        self.assertEqual((status, keys_in(head)), (200, keys))
        self.assertIn(b"[DONE]", reply)
        body = {"temperature": 0, "max_output_tokens": 8,
                "input": [{"role": "user", "content": [video_url(TWO_SECONDS),
                                                       {"type": "input_text", "text": "What moves?"}]}]}
        status, head, reply = self.post("/v1/responses", body)
        self.assertEqual((status, keys_in(head)), (200, keys), reply)


class Caching(Video):
    def test_a_clip_that_came_before_is_not_encoded_again(self):
        part = video_url(clip("ok_vp9.webm"), fps=25)
        self.answered(part)
        status, head, _ = self.chat(part)
        self.assertEqual(status, 200)
        self.assertIn("fovea-response; hit", head["Cache-Status"])
        other = {"role": "user", "content": [part, {"type": "text", "text": "Where is it?"}]}
        status, head, _ = self.post("/v1/chat/completions", {"temperature": 0, "max_tokens": 8, "messages": [other]})
        self.assertEqual(status, 200)
        self.assertIn("fovea-prefix; hit", head["Cache-Status"])
        self.assertNotIn("encode;dur", head["Server-Timing"])

    def test_incident_37_another_clip_is_answered_for_itself(self):
        first = avi_of(PICTURES[:2], 64, 48, 2)
        second = avi_of([PICTURES[0], PICTURES[3]], 64, 48, 2)
        self.answered(video_url(first))
        status, head, _ = self.chat(video_url(second))
        self.assertEqual(status, 200)
        self.assertNotIn("fovea-response; hit", head["Cache-Status"])
        self.assertEqual(keys_in(head)[0], self.answered(video_url(first))[0], "the frame that both have")
        self.assertNotEqual(keys_in(head)[1], self.answered(video_url(first))[1])


class Refused(Video):
    def test_what_is_no_video(self):
        for content, words in ((b"a text", "not a video"), (b"", "no bytes"), (sample("one.png"), "a PNG picture"),
                               (clip("bad_playlist.m3u8"), "a playlist"), (clip("bad_sound_only.mp4"), "only sound"),
                               (clip("bad_codec.mkv"), "(ffv1) is not read"), (clip("bad_cut.mp4"), "damaged or cut"),
                               (clip("bad_cut.avi"), "damaged or cut")):
            status, error = self.refused(video_url(content))
            self.assertEqual((status, error["param"]), (400, "messages[0].content[0].video_url.url"), error)
            self.assertIn(words, error["message"])
            self.assertLess(len(error["message"]), 400, "no error repeats what was sent")

    def test_frames_beyond_its_limits(self):
        huge = bytearray(PICTURES[0])
        sides = huge.index(b"\xff\xc0") + 5  # in the header of a JPEG's frame
        huge[sides:sides + 4] = struct.pack(">HH", 20_000, 20_000)
        status, error = self.refused(video_url(avi_of([bytes(huge)] * 3, 20_000, 20_000, 2)))
        self.assertIn(status, (400, 413), error)
        long = avi_of(PICTURES * 40, 64, 48, 1)
        self.assertEqual(len(set(self.answered(video_url(long, num_frames=4)))), 4)
        status, error = self.refused({"type": "video", "video": [data_url(PICTURES[0], "image/jpeg")] * 129})
        self.assertEqual((status, error["code"]), (400, "too_many_images"))

    def test_fields_of_another_kind(self):
        for part, where in (({"type": "video_url"}, "url"), ({"type": "video_url", "video_url": 7}, "video_url"),
                            (video_url(TWO_SECONDS, fps=0), "video_url.fps"),
                            (video_url(TWO_SECONDS, num_frames="all"), "video_url.num_frames"),
                            ({"type": "video", "video": []}, "video"),
                            ({"type": "video_url", "video_url": {"url": "file:///etc/passwd"}}, "video_url.url"),
                            ({"type": "video_url", "video_url": {"url": "http://10.0.0.1/a.mp4"}}, "video_url.url")):
            status, error = self.refused(part)
            self.assertEqual((status, error["param"]), (400, f"messages[0].content[0].{where}"), error)


if __name__ == "__main__":
    unittest.main()

#!/usr/bin/env python3
"""What one would write without Sluice: what `sluice bench python` compares with.

Consumes up to a batch of requests (JSON: request_id, image_uri), fetches and decodes on a thread
pool, runs the batch, publishes JSON results and commits once they are acknowledged. One process;
start several for more. Ends when its standard input does. Needs confluent-kafka, Pillow and NumPy,
and the onnxruntime package or, in its absence, the same library by its C interface.
"""
import argparse
import ctypes
import http.client
import io
import json
import sys
import threading
import urllib.parse
from concurrent.futures import ThreadPoolExecutor

import numpy
from confluent_kafka import Consumer, Producer, TopicPartition
from PIL import Image


class LibrarySession:
    """What is needed of onnxruntime.InferenceSession, over the C interface of the same library.

    The numbers are the positions of the functions in OrtApi (onnxruntime_c_api.h), which never
    change. ctypes lets other threads run during a call, as the package does.
    """

    CREATE_ENV, CREATE_SESSION, RUN, CREATE_OPTIONS, INTRA_OP, INTER_OP = 3, 7, 9, 10, 24, 25
    INPUT_NAME, OUTPUT_NAME, TENSOR, DATA, DIMENSIONS_COUNT, DIMENSIONS = 36, 37, 49, 51, 61, 62
    ERROR_MESSAGE, SHAPE, CPU, ALLOCATOR = 2, 65, 69, 78
    RELEASE_VALUE, RELEASE_SHAPE = 96, 99
    FLOAT = 1

    def __init__(self, library, model, threads):
        loaded = ctypes.CDLL(library)
        loaded.OrtGetApiBase.restype = ctypes.POINTER(ctypes.c_void_p)
        get_api = ctypes.CFUNCTYPE(ctypes.c_void_p, ctypes.c_uint32)(loaded.OrtGetApiBase()[0])
        self._functions = ctypes.cast(get_api(16), ctypes.POINTER(ctypes.c_void_p))
        environment, options, self._session, self._cpu = (ctypes.c_void_p() for _ in range(4))
        self._call(self.CREATE_ENV, ctypes.c_int(3), b"baseline", ctypes.byref(environment))
        self._call(self.CREATE_OPTIONS, ctypes.byref(options))
        self._call(self.INTRA_OP, options, ctypes.c_int(threads))
        self._call(self.INTER_OP, options, ctypes.c_int(1))
        self._call(self.CREATE_SESSION, environment, model.encode(), options, ctypes.byref(self._session))
        self._call(self.CPU, ctypes.c_int(1), ctypes.c_int(0), ctypes.byref(self._cpu))
        self._input, self._output = self._name(self.INPUT_NAME), self._name(self.OUTPUT_NAME)

    def run(self, batch):
        batch = numpy.ascontiguousarray(batch, dtype=numpy.float32)
        shape = (ctypes.c_int64 * batch.ndim)(*batch.shape)
        value, output = ctypes.c_void_p(), ctypes.c_void_p()
        self._call(
            self.TENSOR, self._cpu, ctypes.c_void_p(batch.ctypes.data), ctypes.c_size_t(batch.nbytes),
            shape, ctypes.c_size_t(batch.ndim), ctypes.c_int(self.FLOAT), ctypes.byref(value))
        try:
            self._call(
                self.RUN, self._session, None, (ctypes.c_char_p * 1)(self._input), ctypes.byref(value),
                ctypes.c_size_t(1), (ctypes.c_char_p * 1)(self._output), ctypes.c_size_t(1), ctypes.byref(output))
        finally:
            self._release(self.RELEASE_VALUE, value)
        try:
            shape = self._shape(output)
            data = ctypes.c_void_p()
            self._call(self.DATA, output, ctypes.byref(data))
            floats = ctypes.cast(data, ctypes.POINTER(ctypes.c_float))
            return numpy.ctypeslib.as_array(floats, shape).copy()
        finally:
            self._release(self.RELEASE_VALUE, output)

    def _shape(self, value):
        info, count = ctypes.c_void_p(), ctypes.c_size_t()
        self._call(self.SHAPE, value, ctypes.byref(info))
        try:
            self._call(self.DIMENSIONS_COUNT, info, ctypes.byref(count))
            dimensions = (ctypes.c_int64 * count.value)()
            self._call(self.DIMENSIONS, info, dimensions, count)
            return tuple(dimensions)
        finally:
            self._release(self.RELEASE_SHAPE, info)

    def _name(self, function):
        allocator, name = ctypes.c_void_p(), ctypes.c_char_p()
        self._call(self.ALLOCATOR, ctypes.byref(allocator))
        self._call(function, self._session, ctypes.c_size_t(0), allocator, ctypes.byref(name))
        return name.value

    def _call(self, function, *arguments):
        status = ctypes.CFUNCTYPE(ctypes.c_void_p)(self._functions[function])(*arguments)
        if status:
            message = ctypes.CFUNCTYPE(ctypes.c_char_p, ctypes.c_void_p)(self._functions[self.ERROR_MESSAGE])
            raise RuntimeError(message(status).decode())

    def _release(self, function, handle):
        ctypes.CFUNCTYPE(None, ctypes.c_void_p)(self._functions[function])(handle)


class PackageSession:
    """onnxruntime, where it is installed."""

    def __init__(self, onnxruntime, model, threads):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        self._input = self._session.get_inputs()[0].name
        self._output = self._session.get_outputs()[0].name

    def run(self, batch):
        return self._session.run([self._output], {self._input: batch})[0]


def open_session(options):
    try:
        import onnxruntime
    except ImportError:
        return LibrarySession(options.library, options.model, options.intra_op), "C interface"
    return PackageSession(onnxruntime, options.model, options.intra_op), "onnxruntime " + onnxruntime.__version__


class Images:
    """Fetches and decodes; each thread keeps its connection."""

    def __init__(self, width, height, mean, std):
        self._size = (width, height)
        self._mean, self._scale = mean, 1 / std
        self._thread = threading.local()

    def load(self, uri):
        parts = urllib.parse.urlsplit(uri)
        connections = self._thread.__dict__.setdefault("connections", {})
        connection = connections.get(parts.netloc)
        if connection is None:
            connection = connections[parts.netloc] = http.client.HTTPConnection(parts.netloc, timeout=10)
        connection.request("GET", parts.path)
        response = connection.getresponse()
        encoded = response.read()
        if response.status != 200:
            raise RuntimeError(f"{uri}: status {response.status}")
        image = Image.open(io.BytesIO(encoded))
        image.draft("RGB", self._size)
        image = image.convert("RGB").resize(self._size, Image.BILINEAR)
        pixels = numpy.asarray(image, dtype=numpy.float32)
        return ((pixels - self._mean) * self._scale).transpose(2, 0, 1)


def serve(options):
    session, runtime = open_session(options)
    images = Images(options.width, options.height, options.mean, options.std)
    consumer = Consumer({
        "bootstrap.servers": options.bootstrap_servers, "group.id": options.group,
        "enable.auto.commit": False, "auto.offset.reset": "earliest"})
    producer = Producer({"bootstrap.servers": options.bootstrap_servers, "linger.ms": 5, "acks": "all"})
    # Said beforehand, so that no measurement begins with a rebalance.
    consumer.assign([TopicPartition(options.requests, int(each)) for each in options.partitions.split(",")])
    stopping = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.read(), stopping.set()), daemon=True).start()
    print(json.dumps({"ready": True, "runtime": runtime}), flush=True)
    with ThreadPoolExecutor(options.threads) as pool:
        while not stopping.is_set():
            messages = [each for each in consumer.consume(options.batch, 0.1) if not each.error()]
            if not messages:
                continue
            requests = [json.loads(each.value()) for each in messages]
            inputs = list(pool.map(images.load, (each["image_uri"] for each in requests)))
            for request, scores in zip(requests, session.run(numpy.stack(inputs))):
                best = numpy.argsort(scores)[::-1][:5]
                result = {
                    "request_id": request["request_id"], "status": "SUCCEEDED",
                    "classes": [{"index": int(index), "score": float(scores[index])} for index in best]}
                producer.produce(options.results, json.dumps(result), request["request_id"])
            producer.flush()
            consumer.commit(asynchronous=False)
    consumer.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bootstrap-servers", required=True)
    parser.add_argument("--group", default="python-baseline")
    parser.add_argument("--requests", required=True, help="topic of JSON requests")
    parser.add_argument("--partitions", required=True, help="of the requests, with commas between them")
    parser.add_argument("--results", required=True, help="topic for JSON results")
    parser.add_argument("--model", required=True, help="ONNX file; input [N,3,height,width], output [N,classes]")
    parser.add_argument("--library", default="libonnxruntime.so", help="used when the onnxruntime package is missing")
    parser.add_argument("--width", type=int, required=True)
    parser.add_argument("--height", type=int, required=True)
    parser.add_argument("--mean", type=float, default=127.5)
    parser.add_argument("--std", type=float, default=127.5)
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--threads", type=int, default=2, help="that fetch and decode")
    parser.add_argument("--intra-op", type=int, default=1)
    serve(parser.parse_args())


if __name__ == "__main__":
    main()

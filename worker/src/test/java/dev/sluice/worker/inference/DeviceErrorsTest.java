package dev.sluice.worker.inference;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.worker.model.DeviceException;
import dev.sluice.worker.model.DeviceException.Kind;
import dev.sluice.worker.model.ErrorCode;
import dev.sluice.worker.model.TaskException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The texts are those that people reported, each with where; shortened in front and behind only.
 */
class DeviceErrorsTest {
  private final Exception cause = new Exception("of the test");

  @ParameterizedTest
  @ValueSource(
      strings = {
        // microsoft/onnxruntime #22702
        "Non-zero status code returned while running Conv node."
            + " Name:'/patch_embed/stages/stages.0/blocks/blocks.0/mlp/fc1/Conv' Status Message:"
            + " /onnxruntime_src/onnxruntime/core/framework/bfc_arena.cc:376 void*"
            + " onnxruntime::BFCArena::AllocateRawInternal(size_t, bool, onnxruntime::Stream*,"
            + " bool, onnxruntime::WaitNotificationFn) Failed to allocate memory for requested"
            + " buffer of size 4585490524328388608",
        // microsoft/onnxruntime #23121: the arena has a limit (gpu_mem_limit) and has reached it
        "Non-zero status code returned while running TfIdfVectorizer node. Name:'TfIdfVectorizer'"
            + " Status Message: bfc_arena.cc:376 void"
            + " *onnxruntime::BFCArena::AllocateRawInternal(size_t, bool, onnxruntime::Stream *,"
            + " bool, onnxruntime::WaitNotificationFn) Available memory of 0 is smaller than"
            + " requested bytes of 2048",
        // hacksider/Deep-Live-Cam #645, the CUDA provider's cublasCreate
        "onnxruntime::CudaCall CUBLAS failure 3: CUBLAS_STATUS_ALLOC_FAILED ; GPU=0 ; hostname=TOBI"
            + " ; file=cuda_execution_provider.cc ; line=168 ; expr=cublasCreate(&cublas_handle_);",
        // microsoft/onnxruntime #10770, TensorRT
        "../rtSafe/safeRuntime.cpp (25) - Cuda Error in allocate: 2 (out of memory)",
        // cuda_call.cc's form with cudaErrorMemoryAllocation, 2
        "CUDA failure 2: out of memory ; GPU=0 ; hostname=egg ; expr=cudaMalloc((void**)&p, size);",
        // tensorflow/tensorflow #22414; cuDNN's name is the same under ONNX Runtime
        "CUDNN failure 4: CUDNN_STATUS_ALLOC_FAILED ; GPU=0 ; expr=cudnnCreate(&cudnn_handle_);",
        // On the processor: libstdc++'s and Microsoft's words for it
        "Non-zero status code returned while running Conv node. Status Message: std::bad_alloc",
        "Non-zero status code returned while running Conv node. Status Message: bad allocation"
      })
  void outOfMemory(String message) {
    assertThat(DeviceErrors.kind(message)).contains(Kind.OUT_OF_MEMORY);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        // microsoft/onnxruntime #5295
        "cuda_call.cc:119 CudaCall] CUDA failure 700: an illegal memory access was encountered ;"
            + " GPU=0 ; hostname=hemantj-X299-A ; expr=cudaMemcpy(dst_data, src_data, bytes,"
            + " cudaMemcpyHostToDevice); ",
        // microsoft/onnxruntime #1591, before CUDA 10.1
        "CUDA failure 77: an illegal memory access was encountered ; GPU=0 ; hostname=supun-k80 ;"
            + " expr=cudaEventDestroy(read_event_);",
        // microsoft/onnxruntime #14211
        "bool onnxruntime::CudaCall(ERRTYPE, const char*, const char*, ERRTYPE, const char*) [with"
            + " ERRTYPE = cudaError; bool THRW = true] CUDA failure 999: unknown error ;"
            + " GPU=192915439 ; expr=cudaSetDevice(info_.device_id); ",
        // microsoft/onnxruntime #14030
        "CUDA failure 46: all CUDA-capable devices are busy or unavailable ; GPU=24 ;"
            + " expr=cudaSetDevice(info_.device_id);",
        // ggml-org/llama.cpp #11841: the words since CUDA 12
        "CUDA error: CUDA-capable device(s) is/are busy or unavailable",
        // The forms of cuda_call.cc with the descriptions of CUDA's own cudaGetErrorString
        "CUDA failure 719: unspecified launch failure ; GPU=0 ;"
            + " expr=cudaStreamSynchronize(stream);",
        "CUDA failure 214: uncorrectable ECC error encountered ; GPU=0 ; expr=cudaMemcpyAsync();",
        "CUDA failure 4: driver shutting down ; GPU=0 ; expr=cudaEventDestroy(event);",
        "CUDA failure 100: no CUDA-capable device is detected ; GPU=-1 ; expr=cudaSetDevice(0);"
      })
  void gone(String message) {
    assertThat(DeviceErrors.kind(message)).contains(Kind.GONE);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        // What a graph says of an input that it cannot digest
        "Non-zero status code returned while running Gather node. Name:'/Gather' Status Message:"
            + " indices element out of data bounds, idx=7 must be within the inclusive range"
            + " [-4,3]",
        "Got invalid dimensions for input: image for the following indices index: 2 Got: 31"
            + " Expected: 32",
        // Errors of a single call, after which the next one works
        "CUDA failure 1: invalid argument ; GPU=0 ; expr=cudaMemcpyAsync(dst, src, n, kind, s);",
        "CUDA failure 701: too many resources requested for launch ; GPU=0 ; expr=launch;",
        "CUDNN failure 3: CUDNN_STATUS_BAD_PARAM ; GPU=0 ; expr=cudnnSetTensorNdDescriptor();",
        ""
      })
  void theBatchsOwn(String message) {
    assertThat(DeviceErrors.kind(message)).isEmpty();
  }

  @Test
  void aDeviceThatFailsIsNoFailureOfTheModel() {
    RuntimeException gone =
        DeviceErrors.classified("the model failed", "CUDA failure 719: launch failure", cause);
    RuntimeException failed = DeviceErrors.classified("the model failed", "bad image", cause);

    assertThat(gone)
        .isInstanceOfSatisfying(
            DeviceException.class, e -> assertThat(e.kind()).isEqualTo(Kind.GONE))
        .hasMessage("the model failed: CUDA failure 719: launch failure")
        .hasCause(cause);
    assertThat(failed)
        .isInstanceOfSatisfying(
            TaskException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.MODEL_FAILED))
        .hasMessage("the model failed: bad image")
        .hasCause(cause);
  }
}
